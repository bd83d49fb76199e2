// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The reader of the model's ring. Like `KernelSource`, it walks and reports losses.
enum ModelSource: Hashable {
  case detached
  case live
  /// A snapshot under way: the next task to look at, and the records so far.
  case walking(next: Int, found: [ModelReport])
  /// A census of these namespaces under way.
  case counting(asked: [NamespaceID], next: Int, found: [ModelReport], beganNs: UInt64)
}
