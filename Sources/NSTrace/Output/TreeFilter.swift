// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Selects the records of a tree of processes: what its tasks do, what is done to them, and the ends of the namespaces
/// that they have made, whoever leaves these last.
package struct TreeFilter {
  private let tree: ProcessTree
  /// The namespaces that its tasks have made and whose end has not been told.
  private var made: Set<NamespaceID> = []

  package init(_ tree: ProcessTree) { self.tree = tree }

  /// Removes the records that are not about the tree. A loss is always kept.
  /// - Returns: whether any record is left.
  package mutating func reduce(_ event: inout AuditEvent) -> Bool {
    if event.lost != nil { return true }
    let isActor = event.subject.map { tree.has($0.task) } ?? false
    if !isActor { removeOthers(from: &event) }
    for record in event.namespaces { note(record) }
    return !event.isEmpty
  }

  /// Whether an event of the kernel's audit is of a process of the tree.
  package func selects(_ event: borrowing KernelEvent) -> Bool {
    event.pid.map { tree.has(tid: $0) } ?? false
  }

  private func removeOthers(from event: inout AuditEvent) {
    let actor = event.subject?.task.tid
    // The actor may have the number of a task of the tree that has ended.
    func isOwn(_ tid: UInt32) -> Bool { tid != actor && tree.has(tid: tid) }
    event.namespaces.removeAll { !isOwn($0.opid) && !isEndOfOwn($0) }
    event.sessions.removeAll { record in
      !isOwn(record.opid) && !(record.entrant.map { isOwn($0.tid) } ?? false)
    }
    event.containers.removeAll { !isOwn($0.opid) }
    if event.containers.isEmpty { event.info = nil }
    if let record = event.lifecycle, !isOwn(record.pid) { event.lifecycle = nil }
  }

  private func isEndOfOwn(_ record: NamespaceRecord) -> Bool {
    record.verb == .destroy && (record.namespace.map(made.contains) ?? false)
  }

  private mutating func note(_ record: NamespaceRecord) {
    guard let namespace = record.namespace else { return }
    switch record.verb {
    case .create where record.granted: made.insert(namespace)
    case .destroy: made.remove(namespace)
    case .create, .change: break
    }
  }
}
