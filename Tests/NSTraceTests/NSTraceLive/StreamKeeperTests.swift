// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// A keeper's registrations in the stream, and a stream's own in the keeper.
@Suite struct StreamKeeperTests {
  private static func kept(_ number: UInt32) -> KeptRegistration {
    var record = nst_kept()
    (record.contid_low, record.container, record.target_tid) = (70 + UInt64(number), number, 2)
    (record.caller_tid, record.registered_ns) = (9, 5)
    record.owners.0 = nst_task_id(start_ns: 1, tid: 9, tgid: 9)
    return KeptRegistration(record, name: Array("web".utf8))
  }

  private static func line(_ number: UInt32) -> String {
    "kept \(70 + number) as \(number) after 0 for 2 'web' by 9 of 9 0 at 5"
  }

  private static let request = RegistrationRequest(
    contid: ContainerID(high: 0, low: 4711), target: 2, caller: 1, capabilities: [.control],
    name: Array("db".utf8))

  @Test func `they stand before the first walk`() throws {
    let stream = ScriptedStream()
    stream.port.keptRegistrations = [Self.kept(4), Self.kept(3), Self.kept(1)]
    stream.port.keptUnderWay = 3
    let records = try stream.next()
    #expect(records.filter { $0.hasPrefix("kept") } == [Self.line(1), Self.line(4)])
    let walk = try #require(records.firstIndex(of: "begin"))
    #expect(records.lastIndex { $0.hasPrefix("kept") } == walk - 1)
  }

  /// Session 6 of task 4 in container 74, which is in the registration of `kept(4)`.
  private static var session: KeptSession {
    var session = nst_kept_session()
    (session.session, session.opid, session.containers, session.contids.1) = (6, 4, 1, 74)
    return KeptSession(session, exe: Array("/bin/sh".utf8))
  }

  private static func inside(_ tgid: UInt32, at timeNs: UInt64) -> nst_inside {
    var inside = nst_inside()
    (inside.hdr.time_ns, inside.tgid, inside.session, inside.slots) = (timeNs, tgid, 6, 64)
    return inside
  }

  @Test func `sessions stand behind them, and behind the walk who is inside by then`() throws {
    let stream = ScriptedStream()
    stream.port.keptRegistrations = [Self.kept(4)]
    stream.port.keptSessions = SessionsFound(sessions: [Self.session], last: 9)
    let records = try stream.next()
    let walk = try #require(records.firstIndex(of: "begin"))
    #expect(
      records[..<walk].suffix(3) == [
        Self.line(4), "session 9 in 0 of 0 '' at 0", "session 6 in 1 of 4 '/bin/sh' at 0",
      ])
    stream.finds(.seen(1), .seen(4))
    stream.port.during(.readInside) { $0.inside = [Self.inside(4, at: $0.bootNs)] }
    let last = try #require(try stream.untilLive().last)
    #expect(last == ["inside 6 by 64: 4", "end 2"])
    // A later walk begins none anew.
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next() == [])
    #expect(try stream.untilLive().flatMap(\.self).filter { $0.hasPrefix("inside") } == [])
  }

  /// Each process of it forks the next one and exits, before and during the walk and behind it.
  @Test func `a session goes on in a chain of processes, whichever of them the walk finds`() throws
  {
    let stream = ScriptedStream()
    stream.port.keptRegistrations = [Self.kept(4)]
    stream.port.keptSessions = SessionsFound(sessions: [Self.session], last: 6)
    _ = try stream.next()
    stream.happens(.fork(4, 5), .exit(4))
    stream.finds(.seen(1), .seen(5, [.net: 101]))
    stream.happens(during: .takeWalk, .fork(5, 6), .exit(5))
    stream.port.inside = [Self.inside(6, at: stream.time)]
    stream.happens(during: .readInside, .fork(6, 7), .exit(6))
    _ = try stream.untilLive()
    #expect(try stream.next() == ["fork 6 7", "exit 6"])
    stream.happens(.exit(7))
    _ = try stream.next()
    #expect(
      stream.takeSessions() == ["resume 6 in 74 opid 4 late late", "end 6 in 74 opid 7 exit"])
  }

  @Test func `many processes inside come in several batches, the end of the walk behind them`()
    throws
  {
    let stream = ScriptedStream()
    stream.port.keptSessions = SessionsFound(sessions: [Self.session], last: 6)
    stream.port.inside = (1...40_000).map { Self.inside($0, at: 1) }
    _ = try stream.next()
    let batches = try stream.untilLive().suffix(3)
    #expect(batches.map { $0.count { $0.hasPrefix("inside") } } == [16384, 16384, 7232])
    #expect(batches.last?.last == "end 0")
  }

  @Test func `many come in several batches`() throws {
    let stream = ScriptedStream()
    stream.port.keptRegistrations = (1...1100).map { Self.kept($0) }
    let batches = try stream.next(4).map { $0.count { $0.hasPrefix("kept") } }
    #expect(batches == [512, 512, 76, 0])
  }

  private static func stain(_ number: UInt32) -> KeptStain {
    let namespace = NamespaceID(kind: .net, inum: number, nsid: UInt64(number) + 1)
    return KeptStain(
      NamespaceStain(ContainerID(high: 0, low: 70), on: namespace), sinceNs: UInt64(number))
  }

  @Test func `stains stand between registrations and the first walk, the oldest first`() throws {
    let stream = ScriptedStream()
    stream.port.keptRegistrations = [Self.kept(4)]
    stream.port.keptStains = [Self.stain(102), Self.stain(101)]
    let records = try stream.next()
    let kept = try #require(records.firstIndex(of: Self.line(4)))
    #expect(
      records[kept...].prefix(4) == [
        Self.line(4), "stain 70 on 101 (102)", "stain 70 on 102 (103)", "begin",
      ])
  }

  @Test func `many stains come in several batches`() throws {
    let stream = ScriptedStream()
    stream.port.keptStains = (1...1100).map { Self.stain($0) }
    let batches = try stream.next(4).map { $0.count { $0.hasPrefix("stain") } }
    #expect(batches == [512, 512, 76, 0])
  }

  @Test func `where the kernel can be asked, those of namespaces that are gone are forgotten`()
    throws
  {
    let stream = ScriptedStream()
    stream.port.answersNsfs = true
    stream.port.keptStains = [Self.stain(101), Self.stain(102)]
    stream.port.kept = [Self.stain(102).stain.namespace]
    let records = try stream.next()
    #expect(records.filter { $0.hasPrefix("stain") } == ["stain 70 on 102 (103)"])
    #expect(stream.port.keptStains == [Self.stain(102)])
  }

  @Test func `what becomes of stains is kept, as far as there is room`() throws {
    let stream = try ScriptedStream(following: 1)
    (stream.time, stream.port.keepLimit) = (7, 1)
    let (first, second) = (Self.stain(101).stain, Self.stain(102).stain)
    do throws(SystemError) {
      try stream.assembler.keep([.came(first), .came(second)])
      Issue.record("there is room for the second one")
    } catch {
      #expect(error.errno == ENOSPC)
    }
    #expect(stream.port.keptStains == [KeptStain(first, sinceNs: 7)])
    try stream.assembler.keep([.went(first), .came(second)])
    #expect(stream.port.keptStains.map(\.stain) == [second])
  }

  @Test func `another tracer's come once they are granted, with their tasks`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.registers = false
    stream.port.bear(2, carrying: 4)
    stream.port.bear(3, carrying: 5)
    stream.port.keptRegistrations = [Self.kept(4)]
    stream.port.keptUnderWay = 4
    stream.port.keptChanges = 1
    stream.time += 1_000_000_000
    #expect(try stream.next() == [])
    stream.port.grantKept()
    #expect(try stream.next() == [])
    stream.time += 100_000_000
    #expect(try stream.next(2) == [[], ["member 2 carried 4", Self.line(4)]])
    stream.time += 1_000_000_000
    #expect(try stream.next() == [])
  }

  /// Its tasks may not all have the number yet, and it may be refused in the end.
  @Test(arguments: [true, false])
  func `one that is put while they are read comes once it is granted`(_ isGranted: Bool) throws {
    let stream = ScriptedStream()
    stream.port.registers = false
    stream.port.keptRegistrations = [Self.kept(4)]
    stream.port.during(.readKept) { try? $0.keep(Self.kept(5)) }
    #expect(try stream.next().filter { $0.hasPrefix("kept") } == [Self.line(4)])
    stream.finds(.seen(1), .seen(2))
    _ = try stream.untilLive()
    stream.port.bear(2, carrying: 5)
    if isGranted { stream.port.grantKept() } else { stream.port.forgetKept(5) }
    stream.time += 1_000_000_000
    let told = isGranted ? ["member 2 carried 5", Self.line(5)] : []
    #expect(try stream.next(2) == [[], told])
  }

  @Test func `its own are kept before a task has the number, and granted afterwards`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.bear(2, flags: NST_MEMBER_TARGET)
    var seen: [UInt32?] = []
    stream.port.during(.pass(NST_FAMILY_TARGET.rawValue)) { port in
      seen = [port.keptUnderWay]
    }
    let owners = [nst_task_id(start_ns: 1, tid: 1, tgid: 1)]
    let outcome = stream.assembler.register(Self.request, owners: owners) { _, _ in nil }
    #expect(outcome == .granted(ContainerID(high: 0, low: 4711), tasks: 1))
    #expect(seen == [1])
    let kept = try #require(stream.port.keptRegistrations.first)
    #expect(stream.port.keptRegistrations.count == 1 && stream.port.keptUnderWay == nil)
    #expect(kept.number == 1 && kept.name == Array("db".utf8))
    #expect(kept.record.contid_low == 4711 && kept.record.caller_tid == 1)
    #expect(kept.record.target_tid == 2 && kept.record.owners.0.tid == 1)
    #expect(kept.record.owners.1.tid == 0)
  }

  @Test func `one that is refused in the end is forgotten`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.bear(2, flags: NST_MEMBER_TARGET)
    stream.port.during(.pass(NST_FAMILY_TARGET.rawValue)) { $0.births += 1 }
    #expect(stream.assembler.register(Self.request) { _, _ in nil } == .refused(.busy))
    #expect(stream.port.keptRegistrations.isEmpty)
  }

  @Test func `where there is no room it is refused, and nobody has the number`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.bear(2, flags: NST_MEMBER_TARGET)
    stream.port.keepLimit = 0
    #expect(stream.assembler.register(Self.request) { _, _ in nil } == .refused(.noRoom))
    #expect(stream.port.family.map(\.container) == [0])
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-ENOSPC)"])
  }

  @Test func `where it cannot be kept for another reason, that is said`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.bear(2, flags: NST_MEMBER_TARGET)
    let error = SystemError("keep a registration", errno: EPERM)
    stream.port.keepError = error
    #expect(stream.assembler.register(Self.request) { _, _ in nil } == .failed(error))
    #expect(stream.port.family.map(\.container) == [0])
    #expect(try stream.next() == ["member 2 carried 0", "register 2 as 0: \(-EPERM)"])
  }

  @Test(arguments: [0, 4] as [UInt32])
  func `a locked keeper takes new registrations, and changes none`(_ number: UInt32) throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.bear(2, flags: NST_MEMBER_TARGET, carrying: number)
    stream.port.isLocked = true
    let outcome = stream.assembler.register(Self.request) { _, _ in nil }
    #expect(
      outcome
        == (number == 0
          ? .granted(ContainerID(high: 0, low: 4711), tasks: 1) : .refused(.exists)))
    #expect(stream.port.family.map(\.container) == [number == 0 ? 1 : 4])
  }

  @Test func `an ended one is forgotten unless a task has its number`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.keptRegistrations = [Self.kept(1), Self.kept(2), Self.kept(3)]
    stream.port.bear(2, carrying: 2)
    try stream.assembler.forget([1, 2])
    #expect(stream.port.keptRegistrations.map(\.number) == [2, 3])
  }
}
