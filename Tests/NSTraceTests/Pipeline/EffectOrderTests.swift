// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What is put in front of a report that nothing explains, and what is said when it is given up.
@Suite struct EffectOrderTests {
  @Test func `a birth that explains goes with what its parent was found in`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .setns(2, [.uts: 101]),
        .late(3, [.net: 102]), .clone(3, 4, [.uts: 101])))
    #expect(
      events.flatMap(\.lines) == [
        "create late net 3: 102 <- 6", "create clone uts 4: 101 <- 2",
        "change setns uts 2: 101 <- 2",
      ])
  }

  @Test func `a task that has done something else since was in no call`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .setns(2, [.uts: 101]), .fork(3, 4),
        .clone(3, 5, [.uts: 101])))
    #expect(
      events.flatMap(\.lines) == [
        "create setns uts 2: 101 <- 2", "create clone uts 5: 101 <- 2",
      ])
  }

  @Test func `what is given up for its room is told first`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2), .at(50, .setns(2, [.uts: 101])),
        .fork(1, 10), .fork(1, 11), .fork(1, 12), .unshare(1, [.uts: 101])),
      heldLimit: 200)
    #expect(events.compactMap(\.lost).map { [$0.count, UInt64($0.sinceNs)] } == [[1, 50]])
    #expect(events.first?.lost?.cause == .unexplained)
    #expect(
      events.dropFirst().first?.lines == ["create setns uts 2: 101 <- 2"])
  }

  @Test func `what is given up within a second is told together`() throws {
    let second: UInt64 = 1_000_000_000
    let enough = (0..<30).map { .fork(1, 100 + UInt32($0)) as History.Step }
    let steps: [History.Step] =
      [.host(NST_HOOK_CENSUS), .snapshot(1, 2, 3, 4, 5)]
      + [.at(second, .setns(2, [.uts: 101])), .at(second + 1, .setns(3, [.uts: 102]))]
      + [.at(second + 2, .setns(4, [.uts: 103])), .at(3 * second, .setns(5, [.uts: 104]))]
      + enough
    let events = try ordered(History(steps), heldLimit: 1000)
    #expect(
      events.compactMap(\.lost).map { [$0.count, UInt64($0.sinceNs)] }
        == [[1, second], [3, second + 1]])
  }

  @Test func `a walk that could not tell of all tasks explains nothing`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2), .at(50, .setns(2, [.uts: 101])),
        .at(EffectOrder.patienceNs + 51, .users(.uts, 101, tasks: 2)), .fork(1, 3)))
    #expect(events.compactMap(\.lost).map { [$0.count, UInt64($0.sinceNs)] } == [[1, 50]])
    #expect(events.flatMap(\.lines).contains("create setns uts 2: 101 <- 2"))
  }

  @Test func `a walk that finds no task says that the namespace was kept`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2), .at(50, .setns(2, [.uts: 101])),
        .at(60, .users(.uts, 101, tasks: 0)), .fork(1, 3)))
    #expect(events.flatMap(\.lines) == ["create setns uts 2: 101 <- 2"])
  }

  // Task 3 makes UTS namespace 101 by a call that no hook sees, and task 2 enters it: its report is
  // the first. The walk, if there is one, sees both tasks in there.
  @Test(arguments: SilentMaker.allCases)
  func `a task that came by a call that no hook sees goes before one that entered`(
    _ maker: SilentMaker
  ) throws {
    for isSeen in maker.mustBeSeen ? [true] : [true, false] {
      let walk: [History.Step] = [.census(3, [.uts: 101]), .users(.uts, 101, tasks: 1, since: 30)]
      let events = try ordered(
        History(
          [
            .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .setns(2, [.uts: 101]),
          ] + (isSeen ? walk : []) + [maker.next]
            + (isSeen ? [] : [.users(.uts, 101, tasks: 0, since: 30)])
            + [.exit(2)]))
      let lines = events.flatMap(\.lines)
      #expect(
        lines.first == "create \(maker.op) uts 3: 101 <- 2", "seen by the walk: \(isSeen)")
      #expect(lines.contains("change setns uts 2: 101 <- 2"))
      #expect(lines.contains("destroy exit uts 2: 101") == maker.leaves)
    }
  }

  @Test func `a task whose entrance was under way stays one that entered`() throws {
    for flags in [0, NamespaceKind.uts.cloneFlag] {
      let events = try ordered(
        History(
          .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .setns(2, [.uts: 101]),
          .census(3, [.uts: 101]), .users(.uts, 101, tasks: 1, since: 30),
          .setns(3, [.uts: 101], flags: flags)))
      #expect(
        events.flatMap(\.lines) == [
          "create setns uts 2: 101 <- 2", "change setns uts 3: 101 <- 2",
        ])
    }
  }

  @Test func `a task that has done something else came after the one that entered`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .setns(2, [.uts: 101]), .fork(3, 4),
        .census(3, [.uts: 101]), .users(.uts, 101, tasks: 1, since: 30), .exec(3)))
    #expect(
      events.flatMap(\.lines) == [
        "create setns uts 2: 101 <- 2", "change late uts 3: 101 <- 2",
      ])
  }

  @Test func `a maker under way goes before a task that execs`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .exec(2, [.uts: 101]),
        .unshare(3, [.uts: 101]), .exit(2)))
    #expect(
      events.flatMap(\.lines) == [
        "create unshare uts 3: 101 <- 2", "change late uts 2: 101 <- 2",
      ])
  }

  @Test func `a task that has entered and execs explains nothing`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2), .setns(2, [.uts: 101]), .exec(2),
        .late(2, [.net: 102]), .users(.uts, 101, tasks: 0, since: 30)))
    #expect(
      events.flatMap(\.lines) == [
        "create setns uts 2: 101 <- 2", "create late net 2: 102 <- 6",
      ])
  }

  @Test func `a thread that came by a call that no hook sees execs`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .thread(3, 4), .setns(2, [.uts: 101]),
        .census(4, [.uts: 101]), .users(.uts, 101, tasks: 1, since: 40), .exit(3), .exec(3, by: 4)))
    #expect(
      events.flatMap(\.lines) == [
        "create late uts 3: 101 <- 2", "change setns uts 2: 101 <- 2",
      ])
  }

  @Test func `a task born while records are held came by its own call`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3, 4), .setns(2, [.net: 102]),
        .fork(3, 5), .setns(4, [.uts: 101]),
        .census(5, [.uts: 101]), .users(.net, 102, tasks: 0, since: 50),
        .users(.uts, 101, tasks: 1, since: 50),
        .exec(5)))
    #expect(
      events.flatMap(\.lines) == [
        "create setns net 2: 102 <- 6", "create late uts 5: 101 <- 2",
        "change setns uts 4: 101 <- 2",
      ])
  }

  @Test func `a task that is being born has the tid of one that has ended`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3, 4), .setns(2, [.uts: 101]), .exit(4),
        .census(4, [.uts: 101], start: 35), .users(.uts, 101, tasks: 1, since: 30), .fork(1, 5),
        .clone(3, 4, [.uts: 101])))
    #expect(
      events.flatMap(\.lines) == [
        "create clone uts 4: 101 <- 2", "change setns uts 2: 101 <- 2",
      ])
  }

  // What is held is dropped once it is more than half of the bytes.
  @Test func `what a parent was found in goes no second time`() throws {
    let lates = Array(repeating: History.Step.late(3, [:]), count: 8)
    let events = try ordered(
      History(
        [.host(NST_HOOK_CENSUS), .snapshot(1, 2, 3, 5), .setns(5, [.uts: 100])] + lates
          + [.setns(2, [.uts: 101]), .clone(3, 4, [.uts: 101])]
          + [.users(.uts, 100, tasks: 0, since: 30)]))
    #expect(
      events.flatMap(\.lines) == [
        "create setns uts 5: 100 <- 2", "create clone uts 4: 101 <- 2",
        "change setns uts 2: 101 <- 2",
      ])
  }

  @Test func `a walk's record that was dropped is not asked for`() throws {
    let forks = (0..<40).map { History.Step.fork(1, 100 + $0) }
    let events = try ordered(
      History(
        [.host(NST_HOOK_CENSUS), .snapshot(1, 2, 3, 5), .setns(5, [.uts: 100])] + forks
          + [.at(430, .census(3, [.uts: 101])), .at(30, .setns(2, [.uts: 101]))]
          + [.users(.uts, 101, tasks: 1, since: 30), .users(.uts, 100, tasks: 0, since: 30)]
          + [.exec(3)]))
    #expect(
      events.flatMap(\.lines).sorted() == [
        "change late uts 3: 101 <- 2", "create setns uts 2: 101 <- 2",
        "create setns uts 5: 100 <- 2",
      ])
  }

  @Test func `a stream that ends the wait hands over what waits, and counts it`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .at(50, .setns(2, [.uts: 101])),
        .at(60, .setns(3, [.net: 102])), .endOfWait, .unshare(1, [.net: 102])))
    #expect(
      events.compactMap(\.lost).map { [$0.count, UInt64($0.sinceNs)] } == [[1, 50], [1, 60]])
    #expect(events.compactMap(\.lost?.cause) == [.unexplained, .unexplained])
    #expect(
      events.flatMap(\.lines) == [
        "lost 1 switch", "create setns uts 2: 101 <- 2", "create setns net 3: 102 <- 6",
        "lost 1 switch", "create unshare net 1: 102 <- 6",
      ])
  }

  @Test func `at that end a task that a walk has seen is found, as when its patience is over`()
    throws
  {
    func history(_ end: History.Step...) -> History {
      History(
        [.host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .at(50, .setns(2, [.uts: 101]))]
          + [.at(60, .found(3, [.uts: 101]))] + end)
    }
    let ended = try ordered(history(.at(60, .users(.uts, 101, tasks: 1)), .endOfWait, .fork(1, 4)))
    #expect(
      ended.flatMap(\.lines) == ["create late uts 3: 101 <- 2", "change setns uts 2: 101 <- 2"])
    let late = EffectOrder.patienceNs + 51
    let patient = try ordered(
      history(.at(late, .found(3, [.uts: 101])), .at(late, .users(.uts, 101, tasks: 1))))
    #expect(patient.flatMap(\.lines) == ended.flatMap(\.lines))
  }

  @Test func `what comes behind the end of a wait has a wait of its own`() throws {
    let events = try ordered(
      History(
        .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .endOfWait, .setns(2, [.uts: 101]),
        .unshare(3, [.uts: 101])))
    #expect(
      events.flatMap(\.lines) == [
        "create unshare uts 3: 101 <- 2", "change setns uts 2: 101 <- 2",
      ])
  }

  @Test func `an end of a wait is the same in one batch, and nothing is left of it`() throws {
    let history = History(
      .host(NST_HOOK_CENSUS), .snapshot(1, 2, 3), .setns(2, [.uts: 101]), .endOfWait,
      .setns(3, [.uts: 102]), .unshare(1, [.uts: 102]), .endOfWait)
    var order = EffectOrder()
    var tracker = Tracker(sink: CollectingSink())
    try order.process(RecordBatch(history.steps.flatMap(\.self)), into: &tracker)
    #expect(!order.isWaiting)
    #expect(tracker.sink.events == (try ordered(history)))
    #expect(tracker.sink.events.compactMap(\.lost?.cause) == [.unexplained])
  }

  private func ordered(
    _ history: History, heldLimit: Int = EffectOrder.heldLimit
  ) throws -> [ObservedEvent] {
    var order = EffectOrder(heldLimit: heldLimit)
    var tracker = Tracker(sink: CollectingSink())
    for step in history.steps { try order.process(RecordBatch(step), into: &tracker) }
    try order.release(into: &tracker)
    return tracker.sink.events
  }
}

/// What a task reports next that is in a namespace by a call that no hook sees.
enum SilentMaker: CaseIterable {
  case exec, unshareOther, refused, enterOther
  case unshareSame, goHome, enterUnknown

  fileprivate var next: History.Step {
    switch self {
    case .exec: .exec(3, [.uts: 101])
    case .unshareOther: .unshare(3, [.uts: 101, .ipc: 103], of: [.ipc])
    case .refused: .refused(NST_OP_UNSHARE, 3, [.net], but: [.uts: 101])
    case .enterOther: .setns(3, [.uts: 101, .net: 6], flags: NamespaceKind.net.cloneFlag)
    case .unshareSame: .unshare(3, [.uts: 102])
    case .goHome: .setns(3, [.uts: 2], flags: NamespaceKind.uts.cloneFlag)
    case .enterUnknown: .setns(3, [.uts: 101, .net: 106])
    }
  }

  /// The operation of a namespace that setns has not entered is that of the call all the same.
  fileprivate var op: String { self == .enterOther ? "setns" : "late" }

  /// Whether only a walk shows that the task was there.
  fileprivate var mustBeSeen: Bool { leaves || self == .enterUnknown }

  fileprivate var leaves: Bool { [.unshareSame, .goHome].contains(self) }
}

extension History.Step {
  /// unshare(2) of these kinds, by a task that is in namespaces besides which no record has named.
  fileprivate static func unshare(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], of kinds: [NamespaceKind]
  ) -> Self {
    call(NST_OP_UNSHARE, tid, inums, flags: flags(of: kinds))
  }

  /// A walk sees a task that no report has brought into these namespaces.
  fileprivate static func census(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], start: UInt64? = nil
  ) -> Self {
    Self { run in
      run.change(tid, start: start) { $0.place = $0.place.with(inums) }
      run.appendTask(tid, flags: UInt16(NST_FLAG_CENSUS))
    }
  }

  /// A walk has found so many tasks in a namespace. It began at that time, or as it is told.
  fileprivate static func users(
    _ kind: NamespaceKind, _ inum: UInt32, tasks: UInt32, since began: UInt64? = nil
  ) -> Self {
    Self { run in
      var record = nst_users()
      record.began_ns = began ?? run.time
      record.inum = inum
      record.type = UInt32(kind.cloneFlag)
      record.tasks = tasks
      run.append(record)
    }
  }

  /// A walk has seen a task.
  fileprivate static func found(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Self {
    Self { run in
      run.change(tid) { $0.place = $0.place.with(inums) }
      run.appendTask(tid, flags: UInt16(NST_FLAG_CENSUS))
    }
  }

  /// What waits for an explanation waits no longer.
  fileprivate static let endOfWait = Self { $0.append(nst_users()) }
}
