// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - Whose a container is

/// A container's owner is the process that asked for its first registration, or, once that has exited,
/// its nearest ancestor that lives and was capable when that asked. Who asks does so for itself and for
/// its own capable ancestors: an orchestrator may run `nstrace register` once for each process.
extension NamespaceState {
  /// For whom a process asks: itself, and then those of its nearest ancestors that have
  /// CAP_AUDIT_CONTROL in the initial user namespace, as of their last reports. Empty: it is not known.
  func principals(of tid: UInt32) -> [ContainerTable.TaskKey] {
    guard var task = tasks.find(tid) else { return [] }
    var principals = [key(of: task)]
    for _ in 0..<Self.ancestorLimit {
      guard let process = origin(of: tasks[task]), let parent = tasks.find(process) else { break }
      task = parent
      let flags = subjects.flags(of: tasks[task].subject) ?? 0
      if flags & UInt16(NST_SUBJECT_AUDIT_CONTROL) != 0 { principals.append(key(of: task)) }
    }
    return principals
  }

  /// How many ancestors are looked at.
  static let ancestorLimit = 64

  /// Nil: it has never been registered, or nobody is left.
  func owner(of container: ContainerTable.Container?) -> ContainerTable.TaskKey? {
    container?.owners.first { owner in tasks.find(owner.tid).map { key(of: $0) } == owner }
  }

  private func key(of task: TaskTable.Index) -> ContainerTable.TaskKey {
    ContainerTable.TaskKey(tid: tasks[task].tid, startNs: tasks[task].startNs)
  }
}
