// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Tasks by number. Of tasks that had one number, one after the other, each is known by its start.
struct TaskNumbers {
  private var starts: [UInt32: [UInt64]] = [:]

  var isEmpty: Bool { starts.isEmpty }

  func has(_ task: nst_task_id) -> Bool { starts[task.tid]?.contains(task.start_ns) ?? false }
  func has(tid: UInt32) -> Bool { starts[tid] != nil }

  mutating func add(_ task: nst_task_id) {
    if !has(task) { starts[task.tid, default: []].append(task.start_ns) }
  }

  /// - Returns: whether it was there.
  @discardableResult
  mutating func remove(_ task: nst_task_id) -> Bool {
    guard has(task) else { return false }
    starts[task.tid]?.removeAll { $0 == task.start_ns }
    if starts[task.tid]?.isEmpty == true { starts[task.tid] = nil }
    return true
  }

  /// Without their processes.
  var tasks: [nst_task_id] {
    starts.flatMap { tid, starts in
      starts.map { nst_task_id(start_ns: $0, tid: tid, tgid: tid) }
    }
  }

  mutating func remove(tid: UInt32) { starts[tid] = nil }
}
