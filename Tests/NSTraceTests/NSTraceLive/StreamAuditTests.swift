// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// The kernel's audit records stand behind what had happened when they were read.
@Suite struct StreamAuditTests {
  private static let millisecond: UInt64 = 1_000_000
  private static let second: UInt64 = 1_000_000_000

  /// A stream with audit, an hour after the machine was booted at 1,000,000 s.
  private static func stream(ringBytes: Int = 4096) throws -> ScriptedStream {
    let stream = try ScriptedStream(following: 1, ringBytes: ringBytes) {
      $0.readsAudit = true
      $0.realOffsetNs = 1_000_000 * second
    }
    stream.time = 3600 * second
    return stream
  }

  /// A stamp of so many milliseconds after the hour.
  private static func stamp(_ serial: Int, _ milliseconds: Int = 0) -> String {
    let digits = String(1000 + milliseconds % 1000).dropFirst()
    return "audit(\(1_003_600 + milliseconds / 1000).\(digits):\(serial)): "
  }

  private static func audits(_ names: [String]) -> [String] {
    names.filter { $0.hasPrefix("audit") }
  }

  private static func parts(_ records: [RawRecord]) -> [(event: nst_audit, text: [UInt8])] {
    records.compactMap { record in
      if case .audit(let event, let text) = record { (event, text) } else { nil }
    }
  }

  private static func losses(_ records: [RawRecord]) -> [nst_audit_lost] {
    records.compactMap { record in
      if case .auditLost(let event) = record { event } else { nil }
    }
  }

  // MARK: - Order

  @Test func `without the option there is none, and the stream does not say so`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.audits(1300, Self.stamp(1))
    #expect(try stream.next() == [])
    #expect(stream.hooks & UInt32(NST_HOOK_AUDIT) == 0)
  }

  @Test func `with it the stream says so`() throws {
    #expect(try Self.stream().hooks & UInt32(NST_HOOK_AUDIT) != 0)
  }

  @Test func `what was in the ring when they were read comes first`() throws {
    let stream = try Self.stream()
    stream.port.audits(1300, Self.stamp(1) + "a0=1")
    stream.happens(.fork(1, 2))
    #expect(try stream.next() == ["fork 1 2", "audit 1300 '\(Self.stamp(1))a0=1'"])
    #expect(try stream.next() == [])
  }

  @Test func `what comes while they are read does too, and what comes later need not`() throws {
    let stream = try Self.stream()
    stream.port.audits(1300, Self.stamp(1))
    stream.happens(during: .takeAudit, .fork(1, 2))
    stream.port.during(.takeRing) { $0.audits(1300, Self.stamp(2)) }
    #expect(try stream.next() == ["fork 1 2", "audit 1300 '\(Self.stamp(1))'"])
    stream.happens(.fork(1, 3))
    #expect(try stream.next() == ["fork 1 3", "audit 1300 '\(Self.stamp(2))'"])
  }

  @Test func `they wait for a record that is still being written`() throws {
    let stream = try Self.stream()
    stream.happens(.fork(1, 2))
    stream.port.isRingBusy = true
    stream.port.audits(1300, Self.stamp(1))
    #expect(try stream.next(2) == [[], []])
    #expect(stream.mayRest)
    #expect(stream.auditPatience == 20)
    stream.port.isRingBusy = false
    // Later records do not hold it up.
    stream.happens(during: .takeAudit, .fork(1, 3))
    #expect(try stream.next() == ["fork 1 2", "fork 1 3", "audit 1300 '\(Self.stamp(1))'"])
  }

  @Test func `they wait for the end of a gap and of its walk, and are read meanwhile`() throws {
    let stream = try Self.stream()
    stream.port.audits(1300, Self.stamp(1))
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next() == [])
    stream.port.audits(1300, Self.stamp(2))
    let batches = try stream.untilLive()
    #expect(batches.flatMap(Self.audits) == [])
    stream.port.audits(1300, Self.stamp(3))
    #expect(try stream.next() == (1...3).map { "audit 1300 '\(Self.stamp($0))'" })
  }

  @Test func `they wait for the first walk`() throws {
    let stream = ScriptedStream()
    stream.port.readsAudit = true
    stream.port.audits(1300, Self.stamp(1))
    #expect(Self.audits(try stream.next()) == [])
    stream.finds(.seen(1))
    #expect(try stream.untilLive().flatMap(Self.audits) == [])
    #expect(try stream.next() == ["audit 1300 '\(Self.stamp(1))'"])
  }

  @Test func `beyond 8 MiB the socket is not read`() throws {
    let stream = try Self.stream()
    stream.happens(.fork(1, 2))
    stream.port.isRingBusy = true
    let text = Array(Self.stamp(1).utf8) + [UInt8](repeating: 0x61, count: 8000)
    for _ in 0..<1200 { stream.port.audits(1300, text) }
    for _ in 0..<20 { #expect(try stream.next() == []) }
    let waiting = stream.assembler.audit.backlog.messages.count
    #expect(waiting >= 8 << 20 && waiting < 9 << 20)
    #expect(stream.mayRest)
    stream.port.isRingBusy = false
    var found = 0
    for _ in 0..<40 {
      found += Self.parts(try stream.nextAudit()).count { !$0.event.isMore && $0.event.type != 0 }
    }
    #expect(found == 1200)
    #expect(stream.assembler.audit.backlog.isEmpty)
  }

  @Test func `the reader does not rest while the socket has more than it could read`() throws {
    let stream = try Self.stream()
    let text = Array(Self.stamp(1).utf8) + [UInt8](repeating: 0x61, count: 8000)
    for _ in 0..<150 { stream.port.audits(1300, text) }
    _ = try stream.next()
    #expect(stream.isCaughtUp && !stream.mayRest)
    _ = try stream.next()
    #expect(stream.mayRest)
  }

  @Test func `audit's bytes do not count as read from the ring`() throws {
    let stream = try Self.stream()
    stream.port.audits(1300, Self.stamp(1))
    stream.happens(.fork(1, 2))
    _ = try stream.next()
    #expect(stream.bytes - stream.assembler.auditBytes == MemoryLayout<nst_fork>.size)
    _ = try stream.next()
    #expect(stream.assembler.auditBytes == 0)
  }

  @Test func `at the end all are told, also of what follows in the socket`() throws {
    let stream = try Self.stream()
    stream.port.audits(1300, Self.stamp(1))
    stream.happens(.fork(1, 2))
    stream.port.isRingBusy = true
    _ = try stream.next()
    #expect(try stream.tellLosses() == ["audit 1300 '\(Self.stamp(1))'", "audit 0 ''"])
    #expect(try stream.tellLosses() == [])
  }

  // MARK: - Records

  @Test func `a record has the times of its event and of its read`() throws {
    let stream = try Self.stream()
    stream.port.audits(1327, Self.stamp(7, 250) + "proctitle=6C73")
    stream.time += 600 * Self.millisecond
    let (event, text) = try #require(Self.parts(try stream.nextAudit()).first)
    #expect(event.hdr.time_ns == 3600 * Self.second + 600 * Self.millisecond)
    #expect(event.event_ns == 3600 * Self.second + 250 * Self.millisecond)
    #expect(event.slack_ns == 5_000_000)
    #expect((event.hdr.flags, event.type) == (0, 1327))
    #expect(text == Array((Self.stamp(7, 250) + "proctitle=6C73").utf8))
  }

  @Test(arguments: [
    "", "audit(", "audit(1003600.1:1): ", "audit(1003600.1000:1): ", "audit(1003600.000:): ",
    "audit(1003600.000:1)", " audit(1003600.000:1): ", "audit(99999999999.000:1): ",
    "audit(9999999999.000:1): ", "audit(-1.000:1): ", "audit(1003600.000:99999999999999999999): ",
    "\u{0}\u{ff}", "a0=audit(1003600.000:1): ",
  ])
  func `a text without a stamp goes through, with the time of its read`(_ text: String) throws {
    let stream = try Self.stream()
    stream.port.audits(1300, text)
    let parts = Self.parts(try stream.nextAudit())
    #expect(parts.map(\.text) == (text.isEmpty ? [] : [Array(text.utf8)]))
    #expect(parts.allSatisfy { $0.event.event_ns == 3600 * Self.second })
  }

  @Test(arguments: [
    ("1003601.000", 3600), ("9000000.000", 3600), ("1003599.999", 3600), ("5.000", 0),
  ])
  func `an event is not later than its read, nor earlier than the boot`(
    _ time: String, _ seconds: UInt64
  ) throws {
    let stream = try Self.stream()
    stream.port.audits(1300, "audit(\(time):1): ")
    let event = try #require(Self.parts(try stream.nextAudit()).first).event
    let early = time == "1003599.999" ? Self.millisecond : 0
    #expect(event.event_ns == seconds * Self.second - early)
  }

  @Test(arguments: [0, 1, 999, 3000, 65535, 1 << 20] as [UInt32])
  func `other types are none`(_ type: UInt32) throws {
    let stream = try Self.stream()
    stream.port.audits(type, Self.stamp(1))
    #expect(try stream.next() == [])
  }

  @Test func `an answer to a request is none, and a login of a type like it is one`() throws {
    let stream = try Self.stream()
    stream.port.audits(1000, [1, 0, 0, 0])
    stream.port.audits(1006, Self.stamp(1) + "pid=5")
    #expect(try stream.next() == ["audit 1006 '\(Self.stamp(1))pid=5'"])
  }

  @Test(arguments: [2007, 2008, 2009, 4016, 4017, 8970])
  func `a long text is told in parts`(_ count: Int) throws {
    let stream = try Self.stream()
    var text = Array(Self.stamp(1).utf8)
    text += (text.count..<count).map { UInt8(truncatingIfNeeded: $0) }
    stream.port.audits(1309, text)
    let parts = Self.parts(try stream.nextAudit())
    #expect(parts.flatMap(\.text) == text)
    #expect(parts.count == (count + 2007) / 2008)
    #expect(parts.dropLast().allSatisfy { $0.text.count == 2008 && $0.event.isMore })
    #expect(parts.last?.event.isMore == false)
    #expect(parts.allSatisfy { $0.event.type == 1309 && $0.event.event_ns == 3600 * Self.second })
  }

  // MARK: - Settled

  @Test func `100 ms after the last record all events are complete, which is told once`() throws {
    let stream = try Self.stream()
    #expect(stream.auditPatience == nil)
    stream.port.audits(1300, Self.stamp(1))
    _ = try stream.next()
    #expect(stream.auditPatience == 100)
    stream.time += 99 * Self.millisecond
    #expect(try stream.next() == [])
    #expect(stream.auditPatience == 1)
    stream.port.audits(1327, Self.stamp(1))
    _ = try stream.next()
    stream.time += 100 * Self.millisecond
    #expect(stream.auditPatience == 0)
    let (event, text) = try #require(Self.parts(try stream.nextAudit()).first)
    #expect((event.type, text) == (0, []))
    #expect(event.hdr.flags == UInt16(NST_FLAG_AUDIT_SETTLED))
    #expect(event.hdr.time_ns == stream.time)
    stream.time += 1000 * Self.millisecond
    #expect(try stream.next() == [])
    #expect(stream.auditPatience == nil)
  }

  @Test func `not in a gap`() throws {
    let stream = try Self.stream()
    stream.port.audits(1300, Self.stamp(1))
    _ = try stream.next()
    stream.time += 200 * Self.millisecond
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next() == [])
    _ = try stream.untilLive()
    #expect(try stream.next() == ["audit 0 ''"])
  }

  // MARK: - nstrace's own

  /// A system call's event of this process, as the kernel writes it.
  private static func callEvent(_ serial: Int, pid: Int, _ port: ScriptedPort) {
    port.audits(1300, stamp(serial) + "arch=c000003e syscall=1 ppid=77 pid=\(pid) comm=\"x\"")
    port.audits(1307, stamp(serial) + "cwd=\"/\"")
    port.audits(1327, stamp(serial) + "proctitle=6C73")
    port.audits(1320, stamp(serial))
  }

  @Test func `events of nstrace's own processes are left out, and counted`() throws {
    let stream = try Self.stream()
    stream.assembler.audit.own.processes = [77, 78]
    Self.callEvent(1, pid: 77, stream.port)
    Self.callEvent(2, pid: 79, stream.port)
    Self.callEvent(3, pid: 78, stream.port)
    #expect(try stream.next().allSatisfy { $0.contains(":2)") })
    #expect(stream.assembler.audit.own.count == 2)
    #expect(stream.bytes > 0)
  }

  @Test func `nothing settles after nothing but those`() throws {
    let stream = try Self.stream()
    stream.assembler.audit.own.processes = [77]
    Self.callEvent(1, pid: 77, stream.port)
    #expect(try stream.next() == [])
    stream.time += Self.second
    #expect(try stream.next() == [])
    #expect(stream.auditPatience == nil)
  }

  @Test func `others come between, and one before the system call is left out, too`() throws {
    let stream = try Self.stream()
    stream.assembler.audit.own.processes = [77]
    stream.port.audits(1400, Self.stamp(1) + "avc:  denied  { read } for  pid=77 comm=\"x\"")
    stream.port.audits(1300, Self.stamp(2) + "syscall=1 pid=5")
    stream.port.audits(1300, Self.stamp(1) + "syscall=1 ppid=5 pid=77")
    stream.port.audits(1327, Self.stamp(2) + "proctitle=00")
    stream.port.audits(1327, Self.stamp(1) + "proctitle=00")
    stream.port.audits(1320, Self.stamp(1))
    stream.port.audits(1320, Self.stamp(2))
    let told = try stream.next()
    #expect(told.count == 3)
    #expect(told.allSatisfy { $0.contains(":2)") })
    #expect(stream.assembler.audit.own.count == 1)
  }

  @Test(arguments: [(1325, "table=x pid=77 z family=2 pid=5"), (1700, "dev=x\u{1d}pid=77 prom=1")])
  func `the name of a table or device does not count`(_ type: UInt32, _ text: String) throws {
    let stream = try Self.stream()
    stream.assembler.audit.own.processes = [77]
    stream.port.audits(type, Self.stamp(1) + text)
    stream.port.audits(1300, Self.stamp(1) + "syscall=46 ppid=1 pid=5")
    stream.port.audits(1320, Self.stamp(1))
    #expect(try stream.next().count == 3)
    #expect(stream.assembler.audit.own.count == 0)
  }

  /// A process cannot hide behind nstrace's number.
  @Test(arguments: [
    "pid=5 uid=0 msg='op=x pid=77 res=1'", "syscall=1 ppid=77 pid=5", "syscall=1 pid=776",
    "syscall=1 comm=\"a pid=77\" pid=5", "opid=77 oauid=0", "proctitle=20706964\u{1d} xpid=77",
  ])
  func `only the process that the kernel names counts`(_ text: String) throws {
    let stream = try Self.stream()
    stream.assembler.audit.own.processes = [77]
    stream.port.audits(1300, Self.stamp(1) + text)
    #expect(try stream.next() == ["audit 1300 '\(Self.stamp(1) + text)'"])
    #expect(stream.assembler.audit.own.count == 0)
  }

  @Test func `what is remembered of them is bounded`() throws {
    let stream = try Self.stream()
    stream.assembler.audit.own.processes = [77]
    for serial in 1...100 { stream.port.audits(1326, Self.stamp(serial) + "pid=77 sig=31") }
    #expect(try stream.next() == [])
    #expect(stream.assembler.audit.own.count == 100)
    // The last 16 are known.
    stream.port.audits(1327, Self.stamp(85) + "proctitle=00")
    stream.port.audits(1327, Self.stamp(84) + "proctitle=00")
    #expect(try stream.next() == ["audit 1327 '\(Self.stamp(84))proctitle=00'"])
  }

  // MARK: - Losses

  @Test func `what found no room in the socket is told behind what did`() throws {
    let stream = try Self.stream()
    #expect(try stream.next() == [])
    stream.time += Self.second
    stream.port.audits(1300, Self.stamp(1))
    stream.port.dropAudit(17)
    let records = try stream.nextAudit()
    #expect(Self.parts(records).count == 1)
    let loss = try #require(Self.losses(records).first)
    #expect(loss.count == 17 && loss.where == NST_AUDIT_LOST_SOCKET)
    #expect(loss.since_ns == 3600 * Self.second && loss.hdr.time_ns == 3601 * Self.second)
    if case .audit = records.last { Issue.record("the loss is the last") }
    stream.port.dropAudit(3)
    #expect(try stream.next() == ["audit lost 3 at 1"])
  }

  @Test func `it is told once the socket is empty`() throws {
    let stream = try Self.stream()
    let text = Array(Self.stamp(1).utf8) + [UInt8](repeating: 0x61, count: 8000)
    for _ in 0..<150 { stream.port.audits(1300, text) }
    stream.port.dropAudit(5)
    #expect(Self.losses(try stream.nextAudit()).isEmpty)
    stream.port.auditDropped = 8
    #expect(Self.losses(try stream.nextAudit()).map(\.count) == [8])
  }

  @Test func `a loss that cannot be counted is one at least`() throws {
    let stream = try Self.stream()
    stream.port.auditDropped = nil
    stream.port.dropAudit(9)
    #expect(try stream.next() == ["audit lost 1 at 1"])
  }

  @Test func `what the kernel loses from the start on is told`() throws {
    let stream = try Self.stream()
    stream.notesAuditLost(40)
    #expect(try stream.next() == [])
    stream.time += Self.second
    stream.notesAuditLost(40)
    stream.time += Self.second
    stream.notesAuditLost(42)
    let loss = try #require(Self.losses(try stream.nextAudit()).first)
    #expect(loss.count == 2 && loss.where == NST_AUDIT_LOST_KERNEL)
    #expect(loss.since_ns == 3601 * Self.second)
    #expect(loss.hdr.time_ns == 3602 * Self.second)
    // auditctl --reset-lost
    stream.notesAuditLost(0)
    #expect(try stream.next() == [])
    stream.notesAuditLost(1)
    #expect(try stream.next() == ["audit lost 1 at 2"])
  }

  @Test func `at the end a loss that waits is told`() throws {
    let stream = try Self.stream()
    stream.notesAuditLost(1)
    stream.notesAuditLost(2)
    #expect(try stream.tellLosses() == ["audit lost 1 at 2"])
  }
}

extension nst_audit {
  fileprivate var isMore: Bool { hdr.flags & UInt16(NST_FLAG_AUDIT_MORE) != 0 }
}

extension ScriptedStream {
  fileprivate var auditPatience: Int32? { assembler.audit.patienceMilliseconds(at: time) }
  /// NST_HOOK_* of the HOST record.
  fileprivate var hooks: UInt32 { tracer.tracker.host?.hooks ?? 0 }
  fileprivate func notesAuditLost(_ total: UInt32) { assembler.audit.noteLost(total, port) }
}
