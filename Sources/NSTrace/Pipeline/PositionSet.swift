// SPDX-License-Identifier: Apache-2.0

/// Positions in the held bytes; `next` finds one by binary search.
struct PositionSet: Sendable {
  /// Ascending.
  private var positions: [Int] = []

  func contains(_ position: Int) -> Bool {
    let index = firstIndex(from: position)
    return index < positions.count && positions[index] == position
  }

  mutating func insert(_ position: Int) {
    let index = firstIndex(from: position)
    guard index == positions.count || positions[index] != position else { return }
    positions.insert(position, at: index)
  }

  /// The least position greater than `position`; nil: there is none.
  func next(after position: Int) -> Int? {
    let index = firstIndex(from: position + 1)
    return index < positions.count ? positions[index] : nil
  }

  mutating func removeAll(before position: Int) {
    positions.removeFirst(firstIndex(from: position))
  }

  /// The index of the first that is not less.
  private func firstIndex(from position: Int) -> Int {
    var (low, high) = (0, positions.count)
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
