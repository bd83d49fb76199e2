// SPDX-License-Identifier: Apache-2.0

/// A key that counts how often keys are compared and hashed.
struct CountedKey: Hashable, Sendable {
  let value: Int
  private let steps: Counter

  init(_ value: Int, _ steps: Counter) {
    self.value = value
    self.steps = steps
  }

  static func == (a: Self, b: Self) -> Bool {
    _ = a.steps.next()
    return a.value == b.value
  }

  func hash(into hasher: inout Hasher) {
    _ = steps.next()
    hasher.combine(value)
  }

  /// The number of comparisons and hashings of `count` keys in `body`.
  static func steps(of count: Int, _ body: ([CountedKey]) -> Void) -> Int {
    let steps = Counter()
    body((0..<count).map { CountedKey($0, steps) })
    return steps.next() - 1
  }
}
