// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// A handler that knows which namespaces the stream has explained so far.
package protocol EffectWitness: EventHandler, ~Copyable {
  /// Whether it may decline a report that nothing explains. It then changes nothing, and the
  /// decoder stops before that report.
  var declines: Bool { get set }
  /// The unexplained namespaces of the declined report. Clears them.
  mutating func takeDeclined() -> [NamespaceID]
  /// The namespaces in `set`, of those that the report changes, that no record so far explains.
  func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID]
}
