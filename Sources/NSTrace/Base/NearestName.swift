// SPDX-License-Identifier: Apache-2.0

/// The name that somebody meant who misspelt one.
package enum NearestName {
  /// The name that begins with `word`, else the one with the fewest letters to change; nil if that is
  /// more than half of the letters.
  package static func find(_ word: String, in names: [String]) -> String? {
    if word.count > 1, let name = names.first(where: { $0.hasPrefix(word) }) { return name }
    let nearest = names.map { (name: $0, distance: distance(from: word, to: $0)) }
      .min { $0.distance < $1.distance }
    guard let nearest, 2 * nearest.distance <= max(word.count, nearest.name.count) else {
      return nil
    }
    return nearest.name
  }

  /// How many letters must be inserted, removed or replaced (Levenshtein).
  private static func distance(from word: String, to name: String) -> Int {
    let name = Array(name)
    var row = Array(0...name.count)
    for (done, letter) in word.enumerated() {
      var diagonal = row[0]
      row[0] = done + 1
      for (index, other) in name.enumerated() {
        let changed = diagonal + (letter == other ? 0 : 1)
        diagonal = row[index + 1]
        row[index + 1] = min(changed, diagonal + 1, row[index] + 1)
      }
    }
    return row[name.count]
  }
}
