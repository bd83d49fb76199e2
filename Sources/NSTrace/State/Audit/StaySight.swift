// SPDX-License-Identifier: Apache-2.0

/// What is seen of a process when one looks at the time of an event: of each of its tasks the last stay
/// that had begun by the end of that time, unless the task had ended before the event.
struct StaySight {
  let eventNs: UInt64
  let endNs: UInt64
  private var seen: [Task: StayTable.Membership] = [:]

  private struct Task: Hashable {
    var tid: UInt32
    var startNs: UInt64
  }

  init(eventNs: UInt64, endNs: UInt64) {
    self.eventNs = eventNs
    self.endNs = endNs
  }

  /// - Parameters:
  ///   - task: one that lives.
  ///   - fromNs: since when it belongs to what it belongs to.
  ///   - membership: what it belongs to.
  mutating func see(
    living task: TaskTable.Entry, since fromNs: UInt64, _ membership: StayTable.Membership
  ) {
    guard fromNs <= endNs else { return }
    seen[Task(tid: task.tid, startNs: task.startNs)] = membership
  }

  /// Stays of one task come the last first.
  mutating func see(_ stay: StayTable.Stay, _ membership: StayTable.Membership) {
    guard stay.fromNs <= endNs, stay.untilNs >= eventNs else { return }
    let task = Task(tid: stay.tid, startNs: stay.startNs)
    if seen[task] == nil { seen[task] = membership }
  }

  /// Whether no task of the process is seen.
  var isEmpty: Bool { seen.isEmpty }

  /// Threads may belong to different containers; then all are named, in the order of tids.
  var answer: StayAnswer {
    if seen.isEmpty { return .unknown }
    var mentions: [ContainerMention] = []
    var last: (task: Task, membership: StayTable.Membership)?
    for (task, membership) in seen.sorted(by: { Self.isBefore($0.key, $1.key) }) {
      if let last, last.task.tid == task.tid, last.membership != membership { return .unknown }
      for mention in membership where !mentions.contains(mention) { mentions.append(mention) }
      last = (task, membership)
    }
    return .known(mentions)
  }

  private static func isBefore(_ a: Task, _ b: Task) -> Bool {
    (a.tid, a.startNs) < (b.tid, b.startNs)
  }
}
