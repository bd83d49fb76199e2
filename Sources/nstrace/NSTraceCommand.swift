// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The program: it has commands, and no options of its own.
@main
struct NSTraceCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "nstrace",
    abstract: "Shows which namespaces are made, changed and destroyed, and by whom.",
    usage: """
      nstrace [<options of list>]
      nstrace --follow [<options of follow>]
      nstrace <command> [<options>]
      """,
    discussion: """
      nstrace is nstrace list, and nstrace --follow is nstrace follow.

        sudo nstrace                     what exists now, like lsns
        sudo nstrace --follow            every change as it happens, until ^C
        sudo nstrace --follow --record x.nsdump
        nstrace replay x.nsdump          the same output again, by anyone
        sudo nstrace register --pid 4242 --random
                                         a container begins: tell the tracer
        sudo nstrace containers          which containers the tracer knows
        sudo nstrace tree                their tasks and namespaces

      Exit status: 0 done, 1 it failed, 64 wrong usage, 65 a bad dump, 69 the kernel
      lacks something, 77 no permission.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Namespace",
        subcommands: [
          ListCommand.self, FollowCommand.self, RecordCommand.self, ReplayCommand.self,
        ]),
      CommandGroup(
        name: "Container",
        subcommands: [
          ContainersCommand.self, TreeCommand.self, RegisterCommand.self, OCIHookCommand.self,
        ]),
      CommandGroup(
        name: "Judging", subcommands: [CompareCommand.self, ConformanceCommand.self]),
    ],
    defaultSubcommand: ListCommand.self
  )

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      var command = try command(for: arguments)
      try command.run()
    } catch {
      guard let hint = OptionHint.hint(for: error, in: arguments) else { exit(withError: error) }
      Diagnostics.write("\(fullMessage(for: error))\n\(hint)\n")
      exit(withError: exitCode(for: error))
    }
  }

  /// The command that `arguments` ask for, with its options.
  /// - Throws: what `exit(withError:)` reports, for wrong usage with status 64.
  static func command(for arguments: [String]) throws -> any ParsableCommand {
    if let word = CommandName.unknown(in: arguments) {
      throw ValidationError(CommandName.refusal(of: word))
    }
    return try parseAsRoot(CommandName.spelledOut(arguments))
  }
}
