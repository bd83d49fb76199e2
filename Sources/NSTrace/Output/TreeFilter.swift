// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Selects the records of a tree of processes: what its tasks do, what is done to them, and the ends of the namespaces
/// that they have made, whoever leaves these last. Or all others.
package struct TreeFilter {
  private let tree: ProcessTree
  /// Whether the tree's records are left out, and the others selected.
  private let isExcluding: Bool
  /// The namespaces that its tasks have made and whose end has not been told.
  private var made: Set<NamespaceID> = []

  package init(_ tree: ProcessTree, isExcluding: Bool = false) {
    self.tree = tree
    self.isExcluding = isExcluding
  }

  /// Removes the records that are not about the tree, or those that are. A loss is always kept.
  /// - Returns: whether any record is left.
  package mutating func reduce(_ event: inout AuditEvent) -> Bool {
    if event.lost != nil { return true }
    let scope = Scope(of: event, in: tree)
    for record in event.namespaces where record.verb == .create && record.granted {
      if let namespace = record.namespace, scope.has(record.opid) { made.insert(namespace) }
    }
    let ends = event.namespaces.filter { $0.verb == .destroy }.compactMap(\.namespace)
    removeOthers(from: &event, scope)
    for namespace in ends { made.remove(namespace) }
    return !event.isEmpty
  }

  /// Whether an event of the kernel's audit is of a process of the tree, or of another.
  package func selects(_ event: borrowing KernelEvent) -> Bool {
    (event.pid.map { tree.has(tid: $0) } ?? false) != isExcluding
  }

  private func removeOthers(from event: inout AuditEvent, _ scope: Scope) {
    event.namespaces.removeAll { (scope.has($0.opid) || isEndOfOwn($0)) == isExcluding }
    event.sessions.removeAll { record in
      let isOwn = scope.has(record.opid) || record.entrant.map { scope.has($0.tid) } ?? false
      return isOwn == isExcluding
    }
    event.containers.removeAll { scope.has($0.opid) == isExcluding }
    if event.containers.isEmpty { event.info = nil }
    if let record = event.lifecycle, scope.has(record.pid) == isExcluding { event.lifecycle = nil }
  }

  private func isEndOfOwn(_ record: NamespaceRecord) -> Bool {
    record.verb == .destroy && (record.namespace.map(made.contains) ?? false)
  }

  /// Whose records of one event are the tree's.
  private struct Scope {
    let tree: ProcessTree
    let actor: UInt32?
    /// Whether the actor belongs to the tree: then they all do.
    let isActor: Bool

    init(of event: borrowing AuditEvent, in tree: ProcessTree) {
      self.tree = tree
      actor = event.subject?.task.tid
      isActor = event.subject.map { tree.has($0.task) } ?? false
    }

    /// The actor may have the number of a task of the tree that has ended.
    func has(_ tid: UInt32) -> Bool { isActor || tid != actor && tree.has(tid: tid) }
  }
}
