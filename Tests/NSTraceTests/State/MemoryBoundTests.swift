// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What a process can do as often as it likes leaves nothing behind but what docs/bounds.md allows
/// (Memory): the tables are as large as what lives, and what is remembered of the rest has a limit.
@Suite struct MemoryBoundTests {
  /// How much there is room for in each table.
  private struct Rooms: Equatable, CustomStringConvertible {
    var tasks = 0
    var sets = 0
    var namespaces = 0
    var subjects = 0
    var texts = 0
    var labels = 0
    var containers = 0
    var registrations = 0
    var sessions = 0
    var uses = 0

    init(_ state: borrowing NamespaceState) {
      tasks = state.tasks.count
      sets = state.sets.places
      namespaces = state.namespaces.places
      subjects = state.subjects.places
      texts = state.subjects.textPlaces
      labels = state.containers.labelEnd
      containers = state.containers.sorted.count
      registrations = state.containers.registrationCount
      sessions = state.sessions.count
      uses = state.usage.counts.count
    }

    var description: String {
      "\(tasks) tasks, \(sets) sets, \(namespaces) namespaces, \(subjects) subjects, "
        + "\(texts) texts, \(labels) labels, \(containers) containers, "
        + "\(registrations) registrations, \(sessions) sessions, \(uses) uses"
    }
  }

  /// The tasks 1, 2 and 9 in the host's own namespaces.
  private struct Attack: ~Copyable {
    var tracker = Tracker(sink: SilentSink())
    var time: UInt64 = 10
    var inum: UInt32 = 1000

    init() {
      SimulatedStream.host(at: 0).deliver(to: &tracker)
      for tid in [1, 2, 9] as [UInt32] {
        var task = nst_task.make(Self.subject(tid), in: NamespacePlace.initial.wire, at: 1)
        task.subject.task.start_ns = 1
        tracker.task(task, exe: RawSpan())
      }
      tracker.snapshotEnd(nst_snapshot())
    }

    static func subject(_ tid: UInt32, startNs: UInt64 = 1) -> nst_subject {
      var subject = nst_subject()
      subject.task = nst_task_id(start_ns: startNs, tid: tid, tgid: tid)
      return subject
    }

    mutating func header() -> nst_header {
      time += 1
      return nst_header(kind: 0, flags: 0, size: 0, time_ns: time)
    }

    /// - Parameter set: nil: all ten are new.
    mutating func move(_ tid: UInt32, to set: nst_set?, _ op: nst_op, startNs: UInt64 = 1) {
      var event = nst_switch()
      (event.hdr, event.subject) = (header(), Self.subject(tid, startNs: startNs))
      (event.call.op, event.call.flags) = (op.rawValue, .max)
      event.set = set ?? newSet()
      tracker.switchNamespaces(event, proctitle: RawSpan())
    }

    mutating func newSet() -> nst_set {
      var set = nst_set()
      for slot in NamespaceSlot.allCases {
        inum = inum == .max ? 1000 : inum + 1
        set[slot] = NamespaceID(
          kind: slot.kind, inum: inum, nsid: time << 8 | UInt64(slot.rawValue))
      }
      return set
    }

    mutating func fork(_ tid: UInt32, of parent: UInt32) {
      let header = header()
      let child = nst_task_id(start_ns: header.time_ns, tid: tid, tgid: tid)
      tracker.fork(nst_fork(hdr: header, child: child, parent_tid: parent, container: 0))
    }

    mutating func exit(_ tid: UInt32, startNs: UInt64) {
      let id = nst_task_id(start_ns: startNs, tid: tid, tgid: tid)
      tracker.exit(nst_exit(hdr: header(), task: id), subject: nil)
    }

    mutating func register(_ tid: UInt32, startNs: UInt64, number: UInt32) {
      let task = nst_task_id(start_ns: startNs, tid: tid, tgid: tid)
      tracker.member(
        nst_member(hdr: header(), task: task, container: 0, flags: UInt32(NST_MEMBER_TARGET)))
      var event = nst_register()
      (event.hdr, event.contid_low, event.container) = (header(), UInt64(number), number)
      (event.caller_tid, event.target_tid, event.members) = (9, tid, 1)
      event.flags = UInt16(NST_REGISTER_CAPABLE)
      RecordBatch([UInt8](repeating: 0x6e, count: 255)).withBytes {
        tracker.register(event, name: $0)
      }
    }

    /// Half of what the text says stays as it was, the other half is new each time.
    mutating func exec(_ tid: UInt32, as name: UInt64) {
      var event = nst_exec()
      (event.hdr, event.subject) = (header(), Self.subject(tid))
      (event.set, event.old_tid) = (NamespacePlace.initial.wire, tid)
      withUnsafeMutableBytes(of: &event.subject.comm) {
        $0.storeBytes(of: name, as: UInt64.self)
      }
      var path = [UInt8](repeating: 0x2f, count: Int(NST_PATH_BYTES))
      path.withUnsafeMutableBytes { $0.storeBytes(of: name, as: UInt64.self) }
      tracker.exec(event, exe: path.span.bytes, proctitle: RawSpan())
    }

    var rooms: Rooms { Rooms(tracker.state) }
  }

  private struct SilentSink: TrackerSink {
    private(set) var events = 0
    mutating func write(_ event: borrowing AuditEvent) { events += 1 }
  }

  /// The host's namespaces, three tasks that share one set and have a subject each.
  private static var rest: Rooms { Attack().rooms }

  private static let limit = NamespaceTable.tombstoneLimit

  @Test func `a task that unshares everything without end`() {
    var attack = Attack()
    for _ in 1...300_000 { attack.move(2, to: nil, NST_OP_UNSHARE) }
    var expected = Self.rest
    // It is alone in its set, which goes with it; only its first call finds others there.
    expected.sets += 1
    // The new namespaces, and while they are entered the old ones.
    expected.namespaces = 8 + Self.limit + 20
    #expect(attack.rooms == expected)
    #expect(attack.tracker.state.namespaces.used == 8 + 10)
    #expect(attack.tracker.state.namespaces.buried == Self.limit)
    #expect(attack.tracker.sink.events == 300_000)
    #expect(attack.tracker.state.checkInvariants() == [])
  }

  @Test func `a task that forks children, each gone before the next`() {
    var attack = Attack()
    for turn in 0..<500_000 as Range<UInt32> {
      let tid = 10 + turn % 4_000_000
      attack.fork(tid, of: 2)
      attack.exit(tid, startNs: attack.time)
    }
    #expect(attack.rooms == Self.rest)
    #expect(attack.tracker.state.checkInvariants() == [])
  }

  /// As many as the kernel has tids: what it cannot have had is not believed.
  @Test func `children whose end was never told`() {
    var attack = Attack()
    for turn in 0..<500_000 as Range<UInt32> { attack.fork(10 + turn % 5000, of: 2) }
    var expected = Self.rest
    expected.tasks += 5000
    #expect(attack.rooms == expected)
    for tid in [0, 1 << 22, .max] as [UInt32] { attack.fork(tid, of: 2) }
    #expect(attack.rooms == expected)
  }

  @Test func `a task that is called something else each time`() {
    var attack = Attack()
    for name in 1...300_000 as ClosedRange<UInt64> { attack.exec(2, as: name) }
    var expected = Self.rest
    expected.subjects += 1
    expected.texts = 2
    #expect(attack.rooms == expected)
    #expect(attack.tracker.state.checkInvariants() == [])
  }

  @Test func `containers, one after the other, with the longest of names`() {
    var attack = Attack()
    for number in 1...100_000 as ClosedRange<UInt32> {
      attack.fork(10, of: 2)
      let start = attack.time
      attack.register(10, startNs: start, number: number)
      attack.exit(10, startNs: start)
    }
    var expected = Self.rest
    expected.sets += 1
    expected.labels += 1
    expected.registrations = ContainerTable.registrationLimit
    #expect(attack.rooms == expected)
    #expect(attack.tracker.state.checkInvariants() == [])
  }

  @Test func `a task that enters a container and leaves it without end`() {
    var attack = Attack()
    let inside = NamespacePlace.initial.with([.net: 101]).wire
    attack.fork(10, of: 2)
    let start = attack.time
    attack.move(10, to: inside, NST_OP_UNSHARE, startNs: start)
    attack.register(10, startNs: start, number: 1)
    for _ in 1...200_000 {
      attack.move(2, to: inside, NST_OP_SETNS)
      attack.move(2, to: NamespacePlace.initial.wire, NST_OP_SETNS)
    }
    #expect(attack.tracker.state.sessions.count == 0)
    #expect(attack.tracker.state.sessions.allPlaces.isEmpty)
    #expect(attack.tracker.state.sessions.visitedContainers.isEmpty)
    // Each entry and each leave is one event: a flood of them is none of more events.
    #expect(attack.tracker.sink.events == 400_002)
    #expect(attack.tracker.state.sets.places <= 5)
    #expect(attack.tracker.state.usage.counts.count == 8)
    #expect(attack.tracker.state.checkInvariants() == [])
  }

  /// All of these at once, by records that nothing has put into an order.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `whatever a stream says, tables are as large as what lives`(_ seed: UInt64) {
    var stream = HostileStream(seed: seed, registrationPercent: 20)
    var tracker = Tracker(sink: SilentSink())
    for _ in 1...30_000 { stream.next().deliver(to: &tracker) }
    let rooms = Rooms(tracker.state)
    // The stream knows 13 tids: nine small ones, and four at the ends of their range.
    let tasks = 13
    let known = tasks * 10 + Self.limit + 20
    #expect(rooms.tasks <= tasks && rooms.sets <= tasks + 1 && rooms.subjects <= tasks + 1)
    #expect(rooms.namespaces <= known && rooms.uses <= tasks * 10)
    #expect(rooms.labels <= tasks + 2 && rooms.sessions <= tasks && rooms.texts <= tasks + 1)
    #expect(rooms.registrations <= ContainerTable.registrationLimit)
    #expect(tracker.sink.events > 1000)
  }

  @Test func `what a crowd leaves behind is given back, and those that stay are as before`() {
    var attack = Attack()
    var starts: [UInt64] = []
    let tids = 10..<3_010 as Range<UInt32>
    for tid in tids {
      attack.fork(tid, of: 9)
      starts.append(attack.time)
      attack.move(tid, to: nil, NST_OP_UNSHARE, startNs: attack.time)
    }
    for (tid, start) in zip(tids, starts).dropLast(2) { attack.exit(tid, startNs: start) }
    let before = attack.tracker.state.taskSummaries
    #expect(attack.tracker.state.sets.places > 3_000)
    #expect(attack.tracker.state.subjects.places > 3_000)

    attack.tracker.state.compact()
    #expect(attack.tracker.state.checkInvariants() == [])
    #expect(attack.tracker.state.taskSummaries == before)
    // Row 0 is no task's; two tasks are outside the host's set, each in its own.
    #expect(attack.tracker.state.tasks.room == 6)
    #expect(attack.tracker.state.sets.places == 3)
    #expect(attack.tracker.state.subjects.places == 5)

    attack.move(3_009, to: NamespacePlace.initial.wire, NST_OP_SETNS, startNs: starts[2_999])
    #expect(attack.tracker.state.checkInvariants() == [])
    #expect(attack.tracker.state.sets.count == 2)
  }
}
