// SPDX-License-Identifier: Apache-2.0

/// Values that a user chose: one of those given, and none of those behind `!`.
package struct ValueChoice<Value: Hashable & Sendable>: Sendable, Equatable {
  private var chosen: Set<Value> = []
  private var excluded: Set<Value> = []

  package init() {}

  /// Exactly these.
  package init(_ values: some Sequence<Value>) { chosen = Set(values) }

  /// Whether every value is selected.
  package var isEmpty: Bool { chosen.isEmpty && excluded.isEmpty }

  /// Whether one of some values is needed.
  var needsOne: Bool { !chosen.isEmpty }

  /// Adds a value, or one that must not be there.
  package mutating func insert(_ value: Value, isExcluded: Bool = false) {
    if isExcluded { excluded.insert(value) } else { chosen.insert(value) }
  }

  /// Whether it is one of those that were given.
  func names(_ value: Value?) -> Bool { value.map(chosen.contains) ?? false }

  /// Whether it is one of those behind `!`.
  func excludes(_ value: Value?) -> Bool { value.map(excluded.contains) ?? false }

  /// Whether a thing that has this value is selected; nil: it has none.
  func selects(_ value: Value?) -> Bool {
    (chosen.isEmpty || names(value)) && (excluded.isEmpty || !excludes(value))
  }

  /// Whether a thing that has both values is selected.
  func selects(_ first: Value?, or second: Value?) -> Bool {
    (chosen.isEmpty || names(first) || names(second))
      && (excluded.isEmpty || !(excludes(first) || excludes(second)))
  }
}

extension ValueChoice: ExpressibleByArrayLiteral {
  package init(arrayLiteral values: Value...) { self.init(values) }
}
