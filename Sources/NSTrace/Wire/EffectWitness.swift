// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// A handler that knows which namespaces the stream has explained so far.
package protocol EffectWitness: EventHandler, ~Copyable {
  /// Whether it may decline a report that nothing explains: then it leaves everything as it is, and the
  /// decoder stops in front of that report.
  var declines: Bool { get set }
  /// The namespaces of the report that was declined, and that there is none any more.
  mutating func takeDeclined() -> [NamespaceID]
  /// The namespaces among these of a task that no record so far explains.
  func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID]
}
