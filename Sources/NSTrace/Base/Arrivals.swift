// SPDX-License-Identifier: Apache-2.0

/// What is there, and how often, in the order in which it first came. What comes or goes costs the
/// same however much is there.
package struct Arrivals<ID: Hashable & Sendable>: Sendable {
  private struct Place {
    var count = 1
    var earlier: ID?
    var later: ID?
  }

  private var places: [ID: Place] = [:]
  private var oldest: ID?
  private var newest: ID?

  /// Nothing yet.
  package init() {}

  package var isEmpty: Bool { places.isEmpty }

  package func contains(_ id: ID) -> Bool { places[id] != nil }

  /// How often it is there.
  package func count(of id: ID) -> Int { places[id]?.count ?? 0 }

  /// How often each is there.
  package var counts: [ID: Int] { places.mapValues(\.count) }

  /// Adds one more.
  /// - Returns: whether it is the first.
  package mutating func add(_ id: ID) -> Bool {
    guard places[id] == nil else {
      places[id]?.count += 1
      return false
    }
    places[id] = Place(earlier: newest)
    if let newest { places[newest]?.later = id } else { oldest = id }
    newest = id
    return true
  }

  /// Takes one away, if it is there.
  /// - Returns: whether it was the last.
  package mutating func remove(_ id: ID) -> Bool {
    guard let place = places[id] else { return false }
    guard place.count == 1 else {
      places[id]?.count -= 1
      return false
    }
    places[id] = nil
    join(place.earlier, place.later)
    return true
  }

  private mutating func join(_ earlier: ID?, _ later: ID?) {
    if let earlier { places[earlier]?.later = later } else { oldest = later }
    if let later { places[later]?.earlier = earlier } else { newest = earlier }
  }

  /// The first `limit` of them, each once.
  package func first(_ limit: Int) -> [ID] {
    var (ids, next): ([ID], ID?) = ([], oldest)
    while let id = next, ids.count < limit {
      ids.append(id)
      next = places[id]?.later
    }
    return ids
  }
}
