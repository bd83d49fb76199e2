// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Values of a list that one option names: `net`, `net,user`; with `!` before them all others.
struct ChosenValues<Value: Hashable & Sendable> {
  let values: [Value]
  let isExcluded: Bool

  /// - Parameters:
  ///   - what: what each value is, in a message.
  ///   - names: the valid ones.
  /// - Throws: `ValidationError`, with the valid names, if `find` does not know one.
  init(
    _ text: String, _ what: String, _ names: [String], _ find: (String) -> Value?
  ) throws {
    isExcluded = text.hasPrefix("!")
    let list = isExcluded ? text.dropFirst() : text[...]
    values = try list.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let value = find(String(name)) else {
        throw ValidationError("'\(name)' is no \(what): give \(names.joined(separator: ", "))")
      }
      return value
    }
  }
}

extension ValueChoice {
  mutating func insert(_ chosen: [ChosenValues<Value>]) {
    for list in chosen {
      for value in list.values { insert(value, isExcluded: list.isExcluded) }
    }
  }
}
