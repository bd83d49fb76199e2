// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The word with which a command line begins.
enum CommandName {
  /// Writes the short spelling out: `nstrace --follow` is `nstrace follow`. That `nstrace` alone is
  /// `nstrace list` the parser knows.
  static func spelledOut(_ arguments: [String]) -> [String] {
    let options = arguments.prefix { $0 != "--" }
    guard arguments.first?.first == "-", options.contains(where: asksToFollow) else {
      return arguments
    }
    return ["follow"] + arguments
  }

  /// `--follow`, `-f`, or one of several short options, as in `-qf`.
  private static func asksToFollow(_ argument: String) -> Bool {
    if argument.hasPrefix("--") { return argument == "--follow" }
    return argument.hasPrefix("-") && argument.contains("f")
  }

  /// The word that stands where a command does and is none.
  static func unknown(in arguments: [String]) -> String? {
    let words = arguments.drop { $0 == "help" }
    guard let word = words.first, !word.hasPrefix("-"), !names.contains(word) else { return nil }
    return word
  }

  /// The sentence that refuses `word`, with the nearest command if there is one near it.
  static func refusal(of word: String) -> String {
    let nearest = nearest(to: word).map { ". Did you mean '\($0)'?" } ?? ""
    return "there is no command '\(word)'\(nearest)"
  }

  private static var names: [String] {
    NSTraceCommand.configuration.subcommands.map { $0._commandName }
  }

  /// The command that `word` begins, or else the one with the fewest letters to change, where that is
  /// half of them at most.
  static func nearest(to word: String) -> String? {
    if word.count > 1, let name = names.first(where: { $0.hasPrefix(word) }) { return name }
    let nearest = names.map { (name: $0, distance: distance(from: word, to: $0)) }
      .min { $0.distance < $1.distance }
    guard let nearest, 2 * nearest.distance <= max(word.count, nearest.name.count) else {
      return nil
    }
    return nearest.name
  }

  /// How many letters must be put in, left out or changed (Levenshtein).
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
