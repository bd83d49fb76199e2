// SPDX-License-Identifier: Apache-2.0

/// Numbers that a user chose: one of those given, and none of those behind `!`.
package struct NumberChoice: Sendable, Equatable {
  private var chosen: Set<UInt32> = []
  private var excluded: Set<UInt32> = []

  package init() {}

  package var isEmpty: Bool { chosen.isEmpty && excluded.isEmpty }

  package mutating func insert(_ number: UInt32, isExcluded: Bool) {
    if isExcluded { excluded.insert(number) } else { chosen.insert(number) }
  }

  func selects(_ number: UInt32) -> Bool {
    (chosen.isEmpty || chosen.contains(number)) && !excluded.contains(number)
  }
}
