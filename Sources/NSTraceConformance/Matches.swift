// SPDX-License-Identifier: Apache-2.0

/// Printed records, each of which answers one demand: a registration of a large family has as many
/// records as the family has tasks.
struct Matches<Record: Hashable> {
  /// The indexes of equal records, the first one last.
  private var places: [Record: [Int]] = [:]
  private var isTaken: [Bool]

  init(_ records: [Record]) {
    isTaken = Array(repeating: false, count: records.count)
    for (index, record) in records.enumerated().reversed() {
      places[record, default: []].append(index)
    }
  }

  /// - Returns: the index of the first record that is equal and not taken yet, which it takes.
  mutating func take(_ record: Record) -> Int? {
    guard let index = places[record]?.popLast() else { return nil }
    isTaken[index] = true
    return index
  }

  /// The indexes of those that are not taken.
  var rest: [Int] { isTaken.indices.filter { !isTaken[$0] } }
}
