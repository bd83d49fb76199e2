// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Names the commands that read a refused option, if the command line names no command.
enum OptionHint {
  /// - Returns: nil if `error` is another one, no command reads the option, or `arguments` name a command.
  static func hint(for error: any Error, in arguments: [String]) -> String? {
    guard arguments.first?.first == "-" else { return nil }
    let message = NSTraceCommand.message(for: error)
    guard let option = message.firstMatch(of: /^Unknown option '(-[^']+)'/)?.1 else { return nil }
    let readers = NSTraceCommand.configuration.subcommands.filter { reads($0, option) }
    guard !readers.isEmpty else { return nil }
    return "  '\(option)' is read by: \(readers.map { $0._commandName }.joined(separator: ", "))"
  }

  /// The parser does not list a command's options, but each line of its help begins with an option's names.
  private static func reads(_ command: any ParsableCommand.Type, _ option: Substring) -> Bool {
    NSTraceCommand.helpMessage(for: command, columns: 200).split(separator: "\n").contains {
      let words = $0.split(separator: " ").prefix { $0.hasPrefix("-") }
      return words.contains { $0.prefix { $0 != "," } == option }
    }
  }
}
