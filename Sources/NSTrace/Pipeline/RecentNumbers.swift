// SPDX-License-Identifier: Apache-2.0

/// The last `limit` numbers that were inserted and not removed.
struct RecentNumbers {
  private let limit: Int
  private var ring: [UInt32] = []
  private var oldest = 0
  /// The index of each in the ring.
  private var places: [UInt32: Int] = [:]

  /// - Parameter limit: how many are remembered, at least 1; the oldest is forgotten first.
  init(limit: Int) { self.limit = limit }

  var count: Int { places.count }

  mutating func insert(_ number: UInt32) {
    if places[number] != nil { return }
    if ring.count < limit {
      places[number] = ring.count
      return ring.append(number)
    }
    if places[ring[oldest]] == oldest { places[ring[oldest]] = nil }
    ring[oldest] = number
    places[number] = oldest
    oldest = (oldest + 1) % limit
  }

  /// - Returns: whether it was there.
  @discardableResult
  mutating func remove(_ number: UInt32) -> Bool { places.removeValue(forKey: number) != nil }

  mutating func removeAll() {
    ring.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    oldest = 0
  }
}
