// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Gives the numbers from 1, each once.
final class Counter: Sendable {
  private let last = Atomic<Int>(0)

  func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
