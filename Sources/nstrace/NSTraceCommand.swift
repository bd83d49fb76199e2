// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The root command. It has no options of its own.
@main
struct NSTraceCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "nstrace",
    abstract: "Shows which namespaces are made, changed and destroyed, and by whom.",
    usage: """
      nstrace [<options of list>]
      nstrace --follow [<options of follow>]
      nstrace [<options of run>] -- <program> [<argument> ...]
      nstrace <command> [<options>]
      """,
    discussion: """
      nstrace is nstrace list, and nstrace --follow is nstrace follow.

        sudo nstrace                     the namespaces in use now, like lsns
        sudo nstrace --follow            every change as it happens, until ^C
        sudo nstrace -- unshare -U true  the changes by one program
        sudo nstrace --follow --record x.nsdump
        nstrace replay x.nsdump          the same output again, without root
        sudo nstrace register --pid 4242 --random
                                         make process 4242 a container
        sudo nstrace containers          the containers of the running tracer
        sudo nstrace tree                their tasks and namespaces
        sudo nstrace sessions            who has entered one, and what they did

      Exit status: 0 done, 1 failed, 64 wrong usage, 65 a bad dump, 69 the kernel
      lacks something or no tracer listens, 77 no permission.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Namespace",
        subcommands: [
          ListCommand.self, FollowCommand.self, RunCommand.self, RecordCommand.self,
          ReplayCommand.self,
        ]),
      CommandGroup(
        name: "Container",
        subcommands: [
          ContainersCommand.self, TreeCommand.self, SessionsCommand.self, RegisterCommand.self,
          OCIHookCommand.self, IDCommand.self, KeeperCommand.self,
        ]),
      CommandGroup(name: "Audit log", subcommands: [AnnotateCommand.self, AudispCommand.self]),
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

  /// The command that `arguments` name, with its options.
  /// - Throws: an error for `exit(withError:)`, which exits with 64 for wrong usage.
  static func command(for arguments: [String]) throws -> any ParsableCommand {
    if let word = CommandName.unknown(in: arguments) {
      throw ValidationError(CommandName.refusal(of: word))
    }
    return try parseAsRoot(CommandName.spelledOut(arguments))
  }
}
