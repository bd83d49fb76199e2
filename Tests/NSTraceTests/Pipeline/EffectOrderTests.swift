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

extension History.Step {
  /// A walk that began as it is told has found so many tasks in a namespace.
  fileprivate static func users(_ kind: NamespaceKind, _ inum: UInt32, tasks: UInt32) -> Self {
    Self { run in
      var record = nst_users()
      record.began_ns = run.time
      record.inum = inum
      record.type = UInt32(kind.cloneFlag)
      record.tasks = tasks
      run.append(record)
    }
  }
}
