// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

extension LiveTests {
  /// Laws 2 and 3: what the records say is in use is what the tasks use.
  @Suite struct MembershipTests {
    @Test func `after a storm the tasks that stay are where proc has them`() throws {
      var trace = try LiveTrace.attached()
      let before = trace.state.namespaceCount
      var storm = try ChildProcess(BuiltProducts.nsactor, ["storm", "2000"])
      var actor = try trace.start(BuiltProducts.nsactor, ["hold"], input: .open)
      try trace.drain(until: "the storm's end") { _ in
        storm.look()
        actor.look()
        return storm.status == .exited(0) && actor.outputText == "all.ready=40\n"
      }
      // What has happened until now stands in the ring now.
      try trace.drain(until: "an empty ring") { _ in true }
      try Self.expectOwnTasks(of: actor.pid, in: trace)
      try trace.drain(until: "agreement on the whole machine") { Self.differences($0).isEmpty }
      #expect(Self.balance(trace.events) == trace.state.namespaceCount - before)
      #expect(trace.lost == 0)

      actor.closeInput()
      try trace.follow(&actor)
      #expect(actor.status == .exited(0))
      let tids = trace.tree.tids
      #expect(tids.count == 1 + 40 + 35)
      #expect(trace.state.taskSummaries.filter { tids.contains($0.tid) }.isEmpty)
      #expect(Self.balance(trace.events) == trace.state.namespaceCount - before)
      #expect(trace.lost == 0)
    }

    @Test func `stress-ng's forks and unshares leave nothing behind`() throws {
      var trace = try LiveTrace.attached()
      let before = trace.state.namespaceCount
      var stress = try trace.start(
        "stress-ng",
        ["--fork", "2", "--fork-ops", "1000", "--unshare", "2", "--unshare-ops", "60", "--quiet"])
      try trace.follow(&stress)
      #expect(stress.status == .exited(0))
      let tids = trace.tree.tids
      #expect(tids.count > 1000)
      #expect(trace.state.taskSummaries.filter { tids.contains($0.tid) }.isEmpty)
      try trace.drain(until: "agreement on the whole machine") { Self.differences($0).isEmpty }
      let events = trace.treeEvents
      #expect(events.contains { $0.namespaces.contains { $0.op == .unshare && $0.granted } })
      #expect(Self.balance(trace.events) == trace.state.namespaceCount - before)
      #expect(trace.lost == 0)
    }

    /// The tracker knows these processes' tasks, these only, and where each of them is.
    private static func expectOwnTasks(
      of pid: Int32, in trace: borrowing LiveTrace
    ) throws {
      let family = try ProcTask.family(of: pid)
      let seen = family.flatMap { ProcTask.tasks(of: $0) }.sorted { $0.tid < $1.tid }
      let known = trace.state.taskSummaries.filter { family.contains($0.tgid) }
      #expect(family.count == 41)
      #expect(seen.map(\.tid) == known.map(\.tid))
      for (task, summary) in zip(seen, known) {
        #expect(task.agrees(with: summary), "\(task) is not where \(summary) is")
      }
      #expect(Set(seen.map { $0.inums[.uts] }).count >= 36)
    }

    /// Tasks that both know, and of which they do not say the same. PID 1 is left out: the
    /// development machine hides some of its tasks.
    private static func differences(_ trace: borrowing LiveTrace) -> [ProcTask] {
      let known = Dictionary(
        trace.state.taskSummaries.map { ($0.tid, $0) }, uniquingKeysWith: { first, _ in first })
      return ProcTask.all().filter { task in
        task.tgid != 1 && known[task.tid].map { !task.agrees(with: $0) } ?? false
      }
    }

    private static func balance(_ events: [AuditEvent]) -> Int {
      events.flatMap(\.namespaces).filter(\.granted).reduce(0) {
        switch $1.verb {
        case .create: $0 + 1
        case .change: $0
        case .destroy: $0 - 1
        }
      }
    }
  }
}
