// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Numbers from 1, none twice.
final class Counter: Sendable {
  private let last = Atomic<Int>(0)

  func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
