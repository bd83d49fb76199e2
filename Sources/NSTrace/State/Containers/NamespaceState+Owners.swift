// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Owners

/// A container's owner is the process that asked for its first registration. Once that has exited,
/// it is its nearest ancestor that lives and was capable when the process asked. A later caller
/// asks for itself and its own capable ancestors: an orchestrator may run `nstrace register` once
/// for each process.
extension NamespaceState {
  /// The tasks that a process asks for: itself, then its nearest ancestors that have
  /// CAP_AUDIT_CONTROL in the initial user namespace, as of their last reports. Empty: not known.
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

  /// The number of ancestors that are looked at.
  static let ancestorLimit = 64

  /// The owner that lives; nil: the container was never registered, or none is left.
  func owner(of container: ContainerTable.Container?) -> ContainerTable.TaskKey? {
    container?.owners.first { owner in tasks.find(owner.tid).map { key(of: $0) } == owner }
  }

  /// The owners of a container once a process has registered it, or one more task for it: those that
  /// it has while one of them lives.
  func owners(of id: ContainerID, registeredBy tid: UInt32) -> [ContainerTable.TaskKey] {
    let container = containers[id]
    if owner(of: container) != nil { return container?.owners ?? [] }
    return Array(principals(of: tid).prefix(Int(NST_OWNERS)))
  }

  /// The same as tasks of the wire, for a registration that is kept.
  /// - Parameter id: nil: an ID that no container has.
  package func keptOwners(of id: ContainerID?, registeredBy tid: UInt32) -> [nst_task_id] {
    owners(of: id ?? .unset, registeredBy: tid).map { owner in
      let tgid = tasks.find(owner.tid).map { tasks[$0].tgid } ?? owner.tid
      return nst_task_id(start_ns: owner.startNs, tid: owner.tid, tgid: tgid)
    }
  }

  private func key(of task: TaskTable.Index) -> ContainerTable.TaskKey {
    ContainerTable.TaskKey(tid: tasks[task].tid, startNs: tasks[task].startNs)
  }
}
