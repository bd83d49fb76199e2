// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a program, and prints the changes by it and its descendants.",
    usage: """
      nstrace [<options>] -- <program> [<argument> ...]
      nstrace run [<options>] <program> [<argument> ...]
      """,
    discussion: """
      The program has the terminal, and begins once all of it can be seen. The run
      ends when it and all its descendants have ended: threads, daemons, and
      processes whose parent has ended, too. The exit status is the program's;
      128 + N if signal N has ended it, 126 if it cannot be executed, 127 if it is
      not found.

        sudo nstrace -- unshare --user --net true
        sudo nstrace run --user root -o records podman run --rm alpine true

      Under sudo the program runs as the user who called it; --user root has it
      run as root.
      """)

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The program, found in PATH, and its arguments.", valueName: "program"))
  var words: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write records to this file.", valueName: "file"), completion: .file())
  var output: String?

  @Flag(help: "End with the program, not with its descendants.")
  var exitWithCommand = false

  @OptionGroup(title: "What to show") var format: FormatOptions
  @OptionGroup(title: "What to show") var color: ColorOptions
  @OptionGroup(title: "What to show") var filter: FilterOptions
  @OptionGroup(title: "What to show") var ends: EndOptions
  @OptionGroup(title: "What to show") var detail: DetailOptions
  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "Where to write") var log: LogOptions
  @OptionGroup(title: "Where to write") var numbering: NumberingOptions
  @OptionGroup(title: "Where to write") var recording: RecordingOptions
  @OptionGroup(title: "Where to write") var overwriting: OverwriteOptions
  @OptionGroup(title: "What to trace") var containers: ContainerOptions
  @OptionGroup(title: "What to trace") var policy: PolicyOptions
  @OptionGroup(title: "Expert") var losses: LossOptions
  @OptionGroup var live: LiveOptions

  /// The program and its arguments.
  private var program: [String] { words.first == "--" ? Array(words.dropFirst()) : words }

  func validate() throws {
    // The parser leaves it to the program, which nobody has named.
    if let word = words.first, ["--help", "-h"].contains(word) {
      throw CleanExit.helpRequest(self)
    }
    try policy.check(containers)
    if overwriting.force && recording.record == nil {
      throw ValidationError("--force needs --record: nothing else is kept from being overwritten")
    }
    if words.first != "--", let option = words.first, option.hasPrefix("-") {
      throw ValidationError("Unknown option '\(option)'")
    }
    if program.isEmpty { throw ValidationError("name the program: nstrace -- PROGRAM ARGUMENTS") }
  }

  func run() throws {
    try Failure.reporting {
      let command = try TracedCommand(program, as: live.privileges.user ?? Account.invoking())
      // A terminal sends it to the program, too.
      signal(SIGQUIT, SIG_IGN)
      do {
        var run = try LiveRun(try openSession(), try plan(of: command)) {
          try recording.create(overwriting: overwriting.force)
        }
        try run.run()
        if run.hasReachedEnd { return }
      } catch let refusal as TracedCommand.Refusal {
        Diagnostics.fail("\(refusal)")
        throw ExitCode(refusal.status)
      }
      if let status = command.status, status != 0 { throw ExitCode(status) }
      if command.status == nil { throw ExitCode(128 + SIGTERM) }
    }
  }

  private func plan(of command: TracedCommand) throws -> LivePlan {
    var plan = LivePlan(policy: policy.chosen, isQuiet: messages.quiet, isStrict: losses.strict)
    plan.output = OutputPlan(
      format: format.chosen, terminal: color.terminal, typeBase: numbering.typeBase,
      filter: filter.filter(before: WallClock.nowNs), tree: ProcessTree(of: [UInt32(command.pid)]),
      log: log.auditLog)
    plan.output.eventsMax = ends.count
    plan.output.condition = try filter.whereCondition()
    plan.duration = ends.time.duration
    plan.output.isInFile = output != nil
    plan.command = command
    plan.endsWithCommand = exitWithCommand
    detail.apply(to: &plan.tracker)
    filter.apply(to: &plan.tracker)
    containers.apply(to: &plan.tracker)
    return plan
  }

  /// The user of --user is the program's, and not the tracer's.
  private func openSession() throws -> LiveSession {
    var options = live
    options.privileges.user = nil
    return try .open(options, into: output, isOwn: true)
  }
}
