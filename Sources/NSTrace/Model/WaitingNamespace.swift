// SPDX-License-Identifier: Apache-2.0

/// A namespace that nobody uses any more, and of which it is not known yet whether it lives on.
package struct WaitingNamespace: Equatable, Sendable {
  package var id: NamespaceID
  /// When its last task left it: CLOCK_BOOTTIME, nanoseconds.
  package var sinceNs: UInt64

  package init(id: NamespaceID, sinceNs: UInt64) {
    self.id = id
    self.sinceNs = sinceNs
  }
}
