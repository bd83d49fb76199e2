// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// A number that an option names; with `!` before it every other.
struct ChosenNumber<Number: FixedWidthInteger & Hashable & Sendable> {
  let number: Number
  let isExcluded: Bool

  /// - Parameter what: what the number is, in a message.
  /// - Throws: `ValidationError` if the text is no such number.
  init(_ text: String, _ what: String) throws {
    isExcluded = text.hasPrefix("!")
    let digits = isExcluded ? text.dropFirst() : text[...]
    guard let number = Number(digits), digits.first?.isNumber == true else {
      throw ValidationError("'\(digits)' is no \(what): give a number from 0 to \(Number.max)")
    }
    self.number = number
  }
}

extension ValueChoice where Value: FixedWidthInteger {
  mutating func insert(_ chosen: [ChosenNumber<Value>]) {
    for one in chosen { insert(one.number, isExcluded: one.isExcluded) }
  }
}
