// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct RecordFilterTests {
  /// By process 100, thread 101: about tasks 101 and 200.
  private static let event = AuditEvent.make(
    call: .make(), subject: .make(101, tgid: 100),
    [
      .created(by: .unshare, opid: 101),
      .changed(to: .newMnt, from: .hostMnt, by: .setns, opid: 200),
      .refused(.create, .net, from: nil, by: .unshare),
      .refused(.change, nil, from: nil, by: .setns),
      .destroyed(.newMnt, by: .exit, opid: 200),
    ])

  /// The places in `event` of what is left of it; nil: it is not written.
  private func left(_ set: (inout RecordFilter) -> Void) -> [Int]? {
    var filter = RecordFilter()
    set(&filter)
    var event = Self.event
    guard filter.reduce(&event) else { return nil }
    return event.namespaces.map { record in
      Self.event.namespaces.firstIndex(of: record) ?? -1
    }
  }

  @Test func `an empty filter wants everything`() {
    #expect(RecordFilter().isEmpty)
    #expect(left { _ in } == [0, 1, 2, 3, 4])
  }

  @Test func `any option makes it one that must be asked`() {
    var filters = [RecordFilter](repeating: RecordFilter(), count: 6)
    filters[0].pids = [1]
    filters[1].kinds = [.net]
    filters[2].operations = [.exit]
    filters[3].includesRefused = false
    filters[4].classes = [.lost]
    filters[5].actor.comm.insert("x")
    #expect(filters.allSatisfy { !$0.isEmpty })
  }

  @Test func `a process is wanted by its own number, or by that of the thread that did it`() {
    #expect(left { $0.pids = [100] } == [0, 1, 2, 3, 4])
    #expect(left { $0.pids = [101] } == [0, 1, 2, 3, 4])
  }

  @Test func `a class is wanted by what a record is about`() {
    #expect(left { $0.classes = [.create] } == [0])
    #expect(left { $0.classes = [.change, .destroy] } == [1, 4])
    #expect(left { $0.classes = [.refused] } == [2, 3])
    #expect(left { $0.classes = [.session, .container, .lost] } == nil)
  }

  /// - Parameter patterns: with `!` what must not match.
  private func isLeft(comm patterns: String...) -> Bool {
    left { filter in patterns.forEach { filter.actor.comm.insert($0) } } != nil
  }

  @Test func `who causes an event is known by name, program and user`() {
    #expect(isLeft(comm: "unshare") && isLeft(comm: "un*") && isLeft(comm: "x", "*share"))
    #expect(!isLeft(comm: "share") && !isLeft(comm: "!un*") && isLeft(comm: "!x"))
    #expect(!isLeft(comm: "un*", "!unshare"))
    let uid = Self.event.subject?.uid ?? 0
    #expect(left { $0.actor.uid.insert(uid, isExcluded: false) } != nil)
    #expect(left { $0.actor.uid.insert(uid, isExcluded: true) } == nil)
    #expect(left { $0.actor.auid.insert(77, isExcluded: false) } == nil)
    #expect(left { $0.actor.exe.insert("/no/such") } == nil)
  }

  @Test func `nobody's event is not by anybody`() {
    var filter = RecordFilter()
    filter.actor.comm.insert("!x")
    var event = Self.event
    event.subject = nil
    #expect(!filter.reduce(&event))
  }

  @Test func `a process is wanted when a record is about it`() {
    #expect(left { $0.pids = [200] } == [1, 4])
    #expect(left { $0.pids = [4242, 7] } == [2, 3])
    #expect(left { $0.pids = [7] } == nil)
  }

  @Test func `without a subject only the task that a record is about counts`() {
    var filter = RecordFilter()
    filter.pids = [100, 200]
    var event = Self.event
    event.subject = nil
    #expect(filter.reduce(&event))
    #expect(event.namespaces == [Self.event.namespaces[1], Self.event.namespaces[4]])
  }

  @Test func `kinds are wanted by name, and what has none is not`() {
    #expect(left { $0.kinds = [.mnt] } == [1, 4])
    #expect(left { $0.kinds = [.net, .user] } == [0, 2])
    #expect(left { $0.kinds = [.time] } == nil)
  }

  @Test func `operations are wanted by name`() {
    #expect(left { $0.operations = [.setns] } == [1, 3])
    #expect(left { $0.operations = [.exit, .unshare] } == [0, 2, 4])
    #expect(left { $0.operations = [.late] } == nil)
  }

  @Test func `what was refused can be left out`() {
    #expect(left { $0.includesRefused = false } == [0, 1, 4])
  }

  @Test func `a record must be wanted by every option`() {
    #expect(
      left {
        $0.kinds = [.mnt, .net]
        $0.operations = [.unshare, .exit]
        $0.includesRefused = false
      } == [0, 4])
  }

  @Test func `what was refused can be all that is wanted`() {
    #expect(left { $0.includesGranted = false } == [2, 3])
  }

  @Test func `what is left out stands behind an exclamation mark`() {
    #expect(left { $0.kinds.insert(.mnt, isExcluded: true) } == [0, 2, 3])
    #expect(left { $0.operations.insert(.setns, isExcluded: true) } == [0, 2, 4])
    #expect(left { $0.classes.insert(.refused, isExcluded: true) } == [0, 1, 4])
    #expect(left { $0.pids.insert(200, isExcluded: true) } == [0, 2, 3])
    #expect(left { $0.pids.insert(100, isExcluded: true) } == nil)
  }

  @Test func `a namespace is wanted by either number, also where a task comes from`() throws {
    let made = try #require(Self.event.namespaces[0].namespace)
    let host = try #require(Self.event.namespaces[1].old)
    #expect(left { $0.inodes = [made.inum] } == [0])
    #expect(left { $0.inodes = [host.inum] } == [1])
    #expect(left { $0.inodes.insert(host.inum, isExcluded: true) } == [0, 2, 3, 4])
    #expect(left { $0.nsids = [UInt64.max] } == nil)
  }

  @Test func `a time has both its ends`() {
    let time = Self.event.timeNs
    #expect(left { $0.window = TimeWindow(since: time, until: time) } == [0, 1, 2, 3, 4])
    #expect(left { $0.window = TimeWindow(since: time + 1) } == nil)
    #expect(left { $0.window = TimeWindow(until: time - 1) } == nil)
  }

  @Test func `a loss is wanted if it touches the time`() throws {
    let lost = try #require(SampleEvents.lost.lost)
    let told = SampleEvents.lost.timeNs
    func isWanted(_ since: Int64, _ until: Int64) -> Bool {
      var (filter, event) = (RecordFilter(), SampleEvents.lost)
      filter.window = TimeWindow(since: since, until: until)
      return filter.reduce(&event)
    }
    #expect(isWanted(told, .max) && isWanted(.min, lost.sinceNs))
    #expect(!isWanted(told + 1, .max) && !isWanted(.min, lost.sinceNs - 1))
  }

  @Test func `a cgroup is wanted by its path, and an unknown one is none`() {
    func isLeft(_ path: String, _ patterns: String...) -> Bool {
      var (filter, event) = (RecordFilter(), Self.event)
      event.cgroup = BoundedText(Array(path.utf8))
      for pattern in patterns { filter.actor.cgroup.insert(pattern) }
      return filter.reduce(&event)
    }
    #expect(isLeft("/a.slice/b.scope", "/a.slice/*") && !isLeft("/b", "/a*"))
    #expect(isLeft("/b", "!/a*") && !isLeft("/a", "!/a*"))
    #expect(!isLeft("", "*") && !isLeft("", "!/a"))
  }

  @Test func `a task in a container is not one that has entered it`() {
    #expect(left(of: SampleEvents.registered) { _ = $0.entered.insert("42") } == [0, 0, 0])
    #expect(left(of: SampleEvents.registered) { _ = $0.excludedEntered.insert("42") } == [1, 1, 1])
  }

  @Test func `who has entered a container is wanted, with all that they do`() {
    var event = Self.event
    event.actorSession = 5
    event.visits = [
      ContainerVisit(session: 5, containers: ContainerList([.init(ContainerID(high: 0, low: 42))]))
    ]
    #expect(left(of: event) { _ = $0.entered.insert("42") } == [0, 5, 0])
    #expect(left(of: event) { _ = $0.entered.insert("43") } == [0, 0, 0])
    #expect(left(of: event) { _ = $0.excludedEntered.insert("42") } == [0, 0, 0])
    #expect(left(of: event) { _ = $0.excludedEntered.insert("43") } == [0, 5, 0])
  }

  /// Whether NS_INFO, and how many NS_* and CONTAINER_OP records are left.
  private func left(of event: AuditEvent, _ set: (inout RecordFilter) -> Void) -> [Int] {
    var filter = RecordFilter()
    set(&filter)
    var event = event
    let isWanted = filter.reduce(&event)
    #expect(isWanted == !event.isEmpty)
    return [event.info == nil ? 0 : 1, event.namespaces.count, event.containers.count]
  }

  @Test(arguments: [
    ("42", [1, 1, 1]), ("7", [1, 1, 1]), ("43", [0, 0, 0]),
    ("00000000-0000-0001-0000-000000000002", [0, 0, 0]),
  ])
  func `a container is wanted when a record's lists have it`(_ id: String, _ expected: [Int]) {
    let ids = Set([ContainerID(id)].compactMap(\.self))
    #expect(ids.count == 1)
    #expect(left(of: SampleEvents.registered) { $0.containerIDs = ids } == expected)
    var filter = RecordFilter()
    filter.containerIDs = ids
    #expect(!filter.isEmpty)
  }

  @Test func `containers that use a namespace count, and those that end`() {
    let ids: Set = [ContainerID(high: 0, low: 42)]
    #expect(left(of: SampleEvents.entered) { $0.containerIDs = ids } == [0, 1, 0])
    #expect(left(of: SampleEvents.dropped) { $0.containerIDs = ids } == [0, 0, 1])
    #expect(left(of: SampleEvents.created) { $0.containerIDs = ids } == [0, 0, 0])
  }

  @Test func `registrations obey the other options too`() {
    let event = SampleEvents.registered
    #expect(left(of: event) { $0.pids = [4243] } == [1, 1, 1])
    #expect(left(of: event) { $0.pids = [4242] } == [1, 1, 1])
    #expect(left(of: event) { $0.pids = [7] } == [0, 0, 0])
    #expect(left(of: event) { $0.kinds = [.net] } == [0, 1, 0])
    #expect(left(of: event) { $0.operations = [.assign] } == [0, 1, 0])
    #expect(
      left(of: SampleEvents.registrationRefused) { $0.includesRefused = false } == [0, 0, 0])
  }

  @Test func `a loss is always wanted`() {
    var filter = RecordFilter()
    filter.pids = [7]
    filter.kinds = [.time]
    filter.operations = [.clone]
    filter.includesRefused = false
    var event = SampleEvents.lost
    #expect(filter.reduce(&event))
    #expect(event.lost == SampleEvents.lost.lost)
  }
}
