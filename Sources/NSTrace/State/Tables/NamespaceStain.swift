// SPDX-License-Identifier: Apache-2.0

/// An ID that a namespace keeps while it lives (T2).
package struct NamespaceStain: Hashable, Sendable {
  package var namespace: NamespaceID
  package var container: ContainerID

  package init(_ container: ContainerID, on namespace: NamespaceID) {
    self.namespace = namespace
    self.container = container
  }

  /// What became of a stain, for whoever keeps it beyond the tracer's end.
  package enum Change: Hashable, Sendable {
    case came(NamespaceStain)
    /// The namespace is gone, or was forgotten.
    case went(NamespaceStain)
  }
}
