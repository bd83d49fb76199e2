// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// A walk over all tasks that is compared with the state, and does not change it.
///
/// The walk comes beside the stream, so the stream may not yet have reported that a task came,
/// moved or left. A task that moved later than the walk saw it is left out. Any other difference
/// counts only when the next walk finds it again.
package struct Verification: Sendable {
  private struct Seen {
    var startNs: UInt64
    var timeNs: UInt64
    var set: nst_set
  }

  private var beganNs: UInt64 = 0
  private var seen: [UInt32: Seen] = [:]
  private var decoder = EventDecoder()

  package init() {}

  /// - Parameter time: CLOCK_BOOTTIME, nanoseconds.
  package mutating func begin(at time: UInt64) {
    beganNs = time
    seen.removeAll(keepingCapacity: true)
  }

  /// How many tasks the walk has reported.
  package var taskCount: Int { seen.count }

  /// Adds a part of the walk: TASK records.
  /// - Throws: `WireError`
  package mutating func add(_ batch: borrowing RecordBatch) throws(WireError) {
    var walk = Walk()
    try batch.withBytes { (records) throws(WireError) in
      try decoder.decode(records, into: &walk)
    }
    for task in walk.tasks {
      seen[task.subject.task.tid] = Seen(
        startNs: task.subject.task.start_ns, timeNs: task.hdr.time_ns, set: task.set)
    }
  }

  /// The differences between walk and state, by tid. Call it once the stream has reported all that
  /// happened before the walk ended.
  package func differences(from state: borrowing NamespaceState) -> [TaskDifference] {
    var found: [TaskDifference] = []
    for (tid, task) in seen {
      if let what = difference(of: task, tid, from: state) {
        found.append(TaskDifference(tid: tid, startNs: task.startNs, what: what))
      }
    }
    state.tasks.forEach { task in
      guard seen[task.tid] == nil, task.startNs < beganNs, task.asOfNs < beganNs else { return }
      found.append(TaskDifference(tid: task.tid, startNs: task.startNs, what: .gone))
    }
    return found.sorted { $0.tid < $1.tid }
  }

  private func difference(
    of task: Seen, _ tid: UInt32, from state: borrowing NamespaceState
  ) -> TaskDifference.What? {
    guard let index = state.tasks.find(tid), state.tasks[index].startNs == task.startNs else {
      return .unknown
    }
    let entry = state.tasks[index]
    guard entry.asOfNs <= task.timeNs else { return nil }
    for slot in NamespaceSlot.allCases {
      let tracked = state.namespace(of: entry, in: slot)
      if tracked != task.set[slot] {
        return .elsewhere(tracked: tracked, kernel: task.set[slot])
      }
    }
    return nil
  }

  /// A walk has only TASK records. Cgroups are not compared.
  private struct Walk: EachRecord {
    var tasks: [nst_task] = []

    mutating func observe(_ record: RawRecord) {
      if case .task(let task, _) = record { tasks.append(task) }
    }
  }
}
