// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// What reads the model's ring: as `KernelSource` does, which walks and says what was lost.
enum ModelSource: Hashable {
  case detached
  case live
  /// A snapshot: what it has found, and the task from which on it looks.
  case walking(next: Int, found: [ModelReport])
  /// A census of these namespaces.
  case counting(asked: [NamespaceID], next: Int, found: [ModelReport], beganNs: UInt64)
}
