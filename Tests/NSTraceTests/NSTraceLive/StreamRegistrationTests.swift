// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// A registration while its target and the target's family go on.
@Suite struct StreamRegistrationTests {
  private static let id = ContainerID(high: 0, low: 4711)

  /// Task 2 can be registered.
  private static func stream(ringBytes: Int = 4096) throws -> ScriptedStream {
    let stream = try ScriptedStream(following: 1, 2, ringBytes: ringBytes)
    stream.port.bear(2, flags: NST_MEMBER_TARGET)
    return stream
  }

  private static func request(includesDescendants: Bool = false) -> RegistrationRequest {
    RegistrationRequest(
      contid: id, includesDescendants: includesDescendants, target: 2, caller: 1,
      capabilities: [.control])
  }

  private static func register(
    in stream: ScriptedStream, includesDescendants: Bool = false,
    refusal: RegistrationError? = nil
  ) -> RegistrationOutcome {
    stream.assembler.register(request(includesDescendants: includesDescendants)) { _, _ in refusal }
  }

  @Test func `it stands behind what the ring held, births of tasks that have the number`() throws {
    let stream = try Self.stream()
    stream.happens(during: .pass(NST_FAMILY_TARGET.rawValue), .fork(1, 3))
    #expect(Self.register(in: stream) == .granted(Self.id, tasks: 1))
    #expect(stream.hasPending)
    #expect(
      try stream.next(3) == [["fork 1 3"], ["member 2 carried 0", "register 2 as 1"], []])
    #expect(!stream.hasPending)
    #expect(!stream.port.isWatched)
  }

  @Test func `it waits for no more than the ring can hold`() throws {
    let stream = try Self.stream(ringBytes: 80)
    _ = Self.register(in: stream)
    for child in 3...5 as ClosedRange<UInt32> {
      stream.happens(during: .takeRing, .fork(1, child))
    }
    #expect(
      try stream.next(4) == [
        ["fork 1 3"], ["fork 1 4"], ["member 2 carried 0", "register 2 as 1"], ["fork 1 5"],
      ])
  }

  @Test func `a refused one stands before what the ring held`() throws {
    let stream = try Self.stream()
    stream.happens(.fork(1, 3))
    #expect(Self.register(in: stream, refusal: .exists) == .refused(.exists))
    #expect(
      try stream.next(2) == [["member 2 carried 0", "register 2 as 0"], ["fork 1 3"]])
    #expect(stream.port.passes == Self.looks(4))
    #expect(!stream.port.isWatched)
  }

  @Test func `a child that is born before the target has the number takes it back`() throws {
    let stream = try Self.stream()
    stream.port.during(.pass(NST_FAMILY_TARGET.rawValue)) { port in
      port.bear(3)
      port.births += 1
    }
    #expect(Self.register(in: stream) == .refused(.busy))
    #expect(stream.port.family.map(\.container) == [0, 0])
    #expect(
      try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-EBUSY)"])
  }

  @Test func `a child that is born and has ended by now takes it back`() throws {
    let stream = try Self.stream()
    stream.port.during(.pass(NST_FAMILY_TARGET.rawValue)) { $0.births += 1 }
    #expect(Self.register(in: stream) == .refused(.busy))
    #expect(stream.port.family.map(\.container) == [0])
  }

  @Test func `with its family those are moved, too, who are born meanwhile`() throws {
    let stream = try Self.stream()
    stream.port.bear(3)
    Self.bear(4, inLook: 5, stream.port)
    #expect(
      Self.register(in: stream, includesDescendants: true) == .granted(Self.id, tasks: 3))
    #expect(stream.port.family.map(\.container) == [1, 1, 1])
    #expect(
      try stream.next() == [
        "member 2 carried 0", "member 3 carried 0", "member 4 carried 0", "register 2 as 1",
      ])
  }

  @Test func `after a hundred passes with births it gives up, and nobody has the number`() throws {
    let stream = try Self.stream()
    for look in 5...104 { Self.bear(UInt32(look), inLook: look, stream.port) }
    #expect(Self.register(in: stream, includesDescendants: true) == .refused(.busy))
    #expect(stream.port.passes.count { $0 == NST_FAMILY_ALL.rawValue } == 100)
    #expect(stream.port.family.allSatisfy { $0.container == 0 })
  }

  @Test func `a target that ends meanwhile is refused, and its number is not given again`() throws {
    let stream = try Self.stream()
    stream.port.during(.pass(NST_FAMILY_TARGET.rawValue)) { $0.family = [] }
    #expect(Self.register(in: stream) == .refused(.noSuchTask))
    #expect(
      try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-ESRCH)"])
    stream.port.bear(2, flags: NST_MEMBER_TARGET)
    _ = Self.register(in: stream)
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 2"])
  }

  /// The target has ended, and its tid belongs to another task: before the number is given, or
  /// after it.
  @Test(arguments: [NST_FAMILY_TARGET, NST_FAMILY_LOOK].map(\.rawValue))
  func `a target whose tid is given again is refused as gone`(_ pass: UInt32) throws {
    let stream = try Self.stream()
    let looks = pass == NST_FAMILY_LOOK.rawValue ? 4 : 0
    for _ in 0..<looks { stream.port.during(.pass(pass)) { _ in } }
    stream.port.during(.pass(pass)) { $0.replace(2) }
    #expect(Self.register(in: stream) == .refused(.noSuchTask))
    #expect(stream.port.family.map(\.container) == [0])
    #expect(
      try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-ESRCH)"])
  }

  @Test(arguments: [NST_FAMILY_ALL, NST_FAMILY_LOOK].map(\.rawValue))
  func `so it is with its family, and nobody has the number`(_ pass: UInt32) throws {
    let stream = try Self.stream()
    stream.port.bear(3)
    let looks = pass == NST_FAMILY_LOOK.rawValue ? 4 : 0
    for _ in 0..<looks { stream.port.during(.pass(pass)) { _ in } }
    stream.port.during(.pass(pass)) { $0.replace(2) }
    #expect(Self.register(in: stream, includesDescendants: true) == .refused(.noSuchTask))
    #expect(stream.port.family.map(\.container) == [0, 0])
  }

  @Test func `a target that ends while its family is moved leaves the family moved`() throws {
    let stream = try Self.stream()
    stream.port.bear(3)
    stream.port.during(.pass(NST_FAMILY_ALL.rawValue)) { $0.family.removeFirst() }
    #expect(
      Self.register(in: stream, includesDescendants: true) == .granted(Self.id, tasks: 1))
    #expect(
      try stream.next() == ["member 2 carried 0", "member 3 carried 0", "register 2 as 1"])
  }

  @Test func `another task with the tid of a descendant of the caller is none`() throws {
    let stream = try Self.stream()
    stream.port.family[0].flags |= UInt32(NST_MEMBER_DESCENDANT)
    for _ in 1...2 { stream.port.during(.pass(NST_FAMILY_LOOK.rawValue)) { _ in } }
    stream.port.during(.pass(NST_FAMILY_LOOK.rawValue)) { $0.replace(2) }
    var flags: [Int32] = []
    _ = stream.assembler.register(Self.request()) { record, _ in
      flags.append(Int32(record.flags))
      return nil
    }
    #expect(flags == [NST_REGISTER_CAPABLE])
  }

  // MARK: A process whose leader has ended

  /// The threads of process 2, whose leader has ended.
  private static func orphaned(_ threads: UInt32...) throws -> ScriptedStream {
    let stream = try ScriptedStream(following: 1)
    for tid in threads { stream.port.bear(tid, flags: NST_MEMBER_THREAD, tgid: 2) }
    return stream
  }

  @Test func `its only thread stands for it`() throws {
    let stream = try Self.orphaned(5)
    #expect(Self.register(in: stream) == .granted(Self.id, tasks: 1))
    #expect(try stream.next() == ["member 5 carried 0", "register 5 as 1"])
    #expect(stream.port.family.map(\.container) == [1])
  }

  @Test func `its oldest thread stands for all`() throws {
    let stream = try Self.orphaned(6, 5)
    #expect(Self.register(in: stream, includesDescendants: true) == .granted(Self.id, tasks: 2))
    #expect(
      try stream.next() == ["member 6 carried 0", "member 5 carried 0", "register 5 as 1"])
  }

  @Test func `a thread that has had a child meanwhile is refused`() throws {
    let stream = try Self.orphaned(5)
    stream.port.during(.pass(NST_FAMILY_ALL.rawValue)) { $0.births += 1 }
    #expect(Self.register(in: stream) == .refused(.busy))
    #expect(stream.port.family.map(\.container) == [0])
  }

  @Test func `a walk that fails takes it back`() throws {
    let stream = try Self.stream()
    let error = SystemError("walk over the tasks", errno: EIO)
    // The pass was made nevertheless.
    stream.port.during(.pass(NST_FAMILY_LOOK.rawValue)) { _ in }
    for _ in 2...4 { stream.port.during(.pass(NST_FAMILY_LOOK.rawValue)) { _ in } }
    stream.port.during(.pass(NST_FAMILY_LOOK.rawValue)) { $0.walkError = error }
    stream.port.during(.pass(NST_FAMILY_NONE.rawValue)) { $0.walkError = nil }
    #expect(Self.register(in: stream) == .failed(error))
    #expect(stream.port.family.map(\.container) == [0])
    #expect(!stream.port.isWatched)
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-EIO)"])
  }

  @Test func `in a walk of the stream's own it comes between two parts`() throws {
    let stream = try Self.stream()
    stream.port.lose(NST_KIND_FORK)
    _ = try stream.next(2)
    stream.finds(.seen(1))
    stream.finds(.seen(2))
    #expect(try stream.next(2) == [[], ["task 1"]])
    _ = Self.register(in: stream)
    #expect(
      try stream.untilLive() == [
        ["member 2 carried 0", "register 2 as 1"], [], ["task 2"], [], ["end 2"],
      ])
    #expect(stream.port.walks == [true, true])
  }

  @Test func `it waits for what explains a report, without the rest between two walks`() throws {
    let stream = try Self.stream()
    stream.happens(.setns(1, [.uts: 101]))
    _ = try stream.next()
    try stream.explain()
    _ = try stream.next(2)
    #expect(!stream.isWaiting)
    stream.happens(.setns(2, [.uts: 102]))
    _ = try stream.next()
    #expect(stream.isWaiting && !stream.isCensusDue())
    #expect(try stream.settle() == [[], ["users 102: 0"]])
    _ = Self.register(in: stream)
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 1"])
  }

  @Test func `it waits no longer when records are lost`() throws {
    let stream = try Self.stream()
    stream.happens(.setns(1, [.uts: 101]))
    _ = try stream.next()
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.settle() == [[], ["lost 1 fork since 30", "begin"]])
  }

  /// Each read of the ring brings the next entry into a namespace whose maker never reports, and a
  /// walk takes 20 ms and two reads.
  @Test func `it waits for a second at most while others enter namespaces without end`() throws {
    let stream = try Self.stream(ringBytes: 1 << 20)
    for entry in 0..<200 as Range<UInt32> {
      stream.port.during(.takeRing) { _ in stream.happens(.setns(1, [.uts: 1000 + entry])) }
      stream.port.during(.takeWalk) { _ in stream.time += 20_000_000 }
    }
    _ = try stream.next()
    #expect(stream.isWaiting)
    let batches = try stream.settle()
    #expect(batches.count == 50 * 2 + 1)
    #expect(batches.prefix(4).map(\.first) == ["switch 1", "switch 1", "switch 1", "switch 1"])
    #expect(batches.last == ["users 0: 0"])
    #expect(!stream.isWaiting)
    _ = Self.register(in: stream, refusal: .exists)
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 0"])
  }

  @Test func `it waits for a walk that has begun, however long that takes`() throws {
    let stream = try Self.stream()
    stream.happens(.setns(1, [.uts: 101]))
    _ = try stream.next()
    stream.port.during(.takeWalk) { $0.bootNs += 10_000_000_000 }
    #expect(try stream.settle() == [[], ["users 101: 0"]])
  }

  @Test func `of confinements those are told that are news`() throws {
    let stream = try Self.stream()
    stream.port.bear(3)
    try stream.assembler.lookAtConfinements { task, _ in task.tid == 3 }
    #expect(try stream.next(2) == [["confined 3"], []])
    #expect(stream.port.passes == [NST_FAMILY_EVERYONE.rawValue])
  }

  @Test func `a caller is capable by the kernel side's word, as the user who connected`() throws {
    let stream = try Self.stream()
    stream.port.bear(7, flags: NST_MEMBER_CAPABLE)
    let facts = try [7, 2, 4].map { try stream.facts(of: $0) }
    #expect(facts.map(\.capabilities) == [[.control], [], []])
    #expect(facts.map(\.startNs) == [7, 2, 0])
    stream.port.effectiveUser = 1000
    #expect(try stream.facts(of: 7).capabilities == [])
    #expect(try stream.facts(of: 7, connectedAs: 1000).capabilities == [.control])
  }

  @Test func `a caller that has ended does not register itself by its successor`() throws {
    let stream = try Self.stream()
    var request = Self.request()
    (request.caller, request.callerStartNs) = (2, 1)
    let refused = stream.assembler.register(request) { _, _ in nil }
    #expect(refused == .refused(.noSuchTask))
    #expect(stream.port.family.map(\.container) == [0])
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-ESRCH)"])
    request.callerStartNs = 2
    let granted = stream.assembler.register(request) { _, _ in nil }
    #expect(granted == .granted(Self.id, tasks: 1))
  }

  @Test func `a wish that the policy does not have is malformed`() throws {
    let stream = try Self.stream()
    var request = Self.request()
    request.isOfOtherPolicy = true
    var flags: [Int32] = []
    _ = stream.assembler.register(request) { record, _ in
      flags.append(Int32(record.flags))
      return .invalid
    }
    #expect(flags == [NST_REGISTER_CAPABLE | NST_REGISTER_MALFORMED])
  }

  private static func looks(_ count: Int) -> [UInt32] {
    Array(repeating: NST_FAMILY_LOOK.rawValue, count: count)
  }

  /// A task is born in the look with that number: the first four come before anything is given.
  private static func bear(_ tid: UInt32, inLook number: Int, _ port: ScriptedPort) {
    let look = ScriptedPort.Call.pass(NST_FAMILY_LOOK.rawValue)
    while port.scripted(look) < number - 1 { port.during(look) { _ in } }
    port.during(look) { $0.bear(tid) }
  }
}

extension ScriptedPort {
  /// Another task takes the tid of one that has ended.
  fileprivate func replace(_ tid: UInt32) {
    guard let index = family.firstIndex(where: { $0.task.tid == tid }) else { return }
    family[index].task.start_ns += 10
    family[index].container = 0
  }
}

extension ScriptedStream {
  fileprivate func facts(
    of pid: UInt32, connectedAs user: UInt32 = 0
  ) throws -> ControlCallerFacts {
    try assembler.callerFacts(of: pid, connectedAs: user)
  }

  /// What comes while a registration waits, as a run has it wait: a thousand batches at most.
  fileprivate func settle() throws -> [[String]] {
    var batches: [[String]] = []
    let beganNs = port.bootNs
    while isWaiting && batches.count < 1000 {
      if isCensusDue(isUrgent: true) {
        try assembler.beginCensus(of: tracer.waiting, waitingSince: beganNs)
      }
      batches.append(try next())
    }
    return batches
  }
}
