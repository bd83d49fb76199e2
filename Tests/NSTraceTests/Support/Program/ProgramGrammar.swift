// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

@testable import nstrace

/// The commands of nstrace with their arguments, from the parser's own dump.
struct ProgramGrammar: Decodable {
  struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?

    /// All names of options, with their dashes.
    var optionNames: Set<String> { Set((arguments ?? []).flatMap(\.spellings)) }
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
    let shouldDisplay: Bool
    /// The values that the argument takes, if they are a list.
    let allValues: [String]?

    var spellings: [String] {
      (names ?? []).map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" }
    }
  }

  private let command: Command

  /// All commands except `help`, which is the parser's.
  var commands: [Command] {
    (command.subcommands ?? []).filter { $0.commandName != "help" }
  }

  static func read() throws -> ProgramGrammar { try dump.get() }

  private static let dump = Result {
    try JSONDecoder().decode(ProgramGrammar.self, from: Data(NSTraceCommand._dumpHelp().utf8))
  }

  /// Has the parser read a command line, without running it.
  /// - Returns: nil if it accepts the line, or else its exit status and message.
  static func refusal(of arguments: [String]) -> (status: Int32, text: String)? {
    do {
      _ = try NSTraceCommand.command(for: arguments)
      return nil
    } catch {
      return (
        NSTraceCommand.exitCode(for: error).rawValue, NSTraceCommand.fullMessage(for: error)
      )
    }
  }
}
