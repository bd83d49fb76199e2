// SPDX-License-Identifier: Apache-2.0

/// A namespace that no task uses any more, and that may or may not still exist.
package struct WaitingNamespace: Equatable, Sendable {
  package var id: NamespaceID
  /// When its last task left it: CLOCK_BOOTTIME, nanoseconds.
  package var sinceNs: UInt64

  package init(id: NamespaceID, sinceNs: UInt64) {
    self.id = id
    self.sinceNs = sinceNs
  }
}
