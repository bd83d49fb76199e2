// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The name of a command, the first word of a command line.
enum CommandName {
  /// `arguments` with the short spellings written out: `--follow` becomes `follow --follow`, and `-- PROGRAM`
  /// becomes `run -- PROGRAM`. The parser itself takes `nstrace` alone for `nstrace list`.
  static func spelledOut(_ arguments: [String]) -> [String] {
    let options = arguments.prefix { $0 != "--" }
    if options.count < arguments.count,
      options.first?.first != "-" || !options.contains(where: asksToFollow),
      options.first.map({ $0.first == "-" }) ?? true
    {
      return ["run"] + arguments
    }
    guard arguments.first?.first == "-", options.contains(where: asksToFollow) else {
      return arguments
    }
    return ["follow"] + arguments
  }

  /// Whether `argument` is `--follow`, `-f`, or short options with f, as in `-qf`.
  private static func asksToFollow(_ argument: String) -> Bool {
    if argument.hasPrefix("--") { return argument == "--follow" }
    return argument.hasPrefix("-") && argument.contains("f")
  }

  /// The first word of `arguments` (after `help`), if it is no command; nil: it is one, or an option.
  static func unknown(in arguments: [String]) -> String? {
    let words = arguments.drop { $0 == "help" }
    guard let word = words.first, !word.hasPrefix("-"), !names.contains(word) else { return nil }
    return word
  }

  /// The sentence that refuses `word`, with the nearest command if one is near.
  static func refusal(of word: String) -> String {
    let nearest = NearestName.find(word, in: names).map { ". Did you mean '\($0)'?" } ?? ""
    return "there is no command '\(word)'\(nearest)"
  }

  private static var names: [String] {
    NSTraceCommand.configuration.subcommands.map { $0._commandName }
  }
}
