// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

@main
struct NSTraceCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "nstrace",
    abstract: "Shows which namespaces are made, changed and destroyed on this host, and by whom.",
    discussion: """
      Without --follow it prints the namespaces that exist now, and ends.

        sudo nstrace                     what exists now, like lsns
        sudo nstrace --follow            every change as it happens, until ^C
        sudo nstrace --follow --record x.nsdump
        nstrace replay x.nsdump          the same output again, by anyone
        sudo nstrace register --pid 4242 --random
                                         a container begins, for the nstrace that follows
        sudo nstrace containers          which containers there are, by the nstrace that follows
        sudo nstrace tree                and their tasks

      Exit status: 0 done, 1 it failed, 64 wrong usage, 65 a bad dump, 69 the kernel
      lacks something, 77 no permission.
      """,
    version: version,
    subcommands: [
      RecordCommand.self, ReplayCommand.self, RegisterCommand.self, OCIHookCommand.self,
      ContainersCommand.self, TreeCommand.self, CompareCommand.self, ConformanceCommand.self,
    ]
  )

  @Flag(name: .shortAndLong, help: "Go on with every change as it happens, until ^C.")
  var follow = false

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the raw stream there too.", valueName: "file"))
  var record: String?

  @OptionGroup var capture: CaptureOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var control: ControlOptions
  @OptionGroup var policy: PolicyOptions
  @OptionGroup var containers: ContainerOptions
  @OptionGroup var verification: VerifyOptions
  @OptionGroup var privileges: PrivilegeOptions

  static func main() {
    main(VerifyOptions.completing(Array(CommandLine.arguments.dropFirst())))
  }

  /// Not in validate(), which ArgumentParser calls for subcommands too, with their options.
  private func checkOptions() throws {
    if !follow && record != nil {
      throw ValidationError("--record needs --follow, or use: nstrace record FILE")
    }
    if !follow && output.auditLog != nil {
      throw ValidationError("--audit-log needs --follow")
    }
    if !follow && control.control != nil {
      throw ValidationError("--control needs --follow")
    }
    if !follow && !policy.policy.isEmpty {
      throw ValidationError("--policy needs --follow")
    }
    if !follow && containers.isGiven {
      throw ValidationError("--containers needs --follow")
    }
    if !follow && (privileges.user != nil || privileges.noSandbox) {
      throw ValidationError("--user and --no-sandbox need --follow")
    }
    if !follow && verification.verify != nil { throw ValidationError("--verify needs --follow") }
    if !follow && output.strict { throw ValidationError("--strict needs --follow") }
    if !follow && output.choosesRecords {
      throw ValidationError("--pid, --nstype, --op and --no-failed choose records: give --follow")
    }
  }

  func run() throws {
    try checkOptions()
    let policy = try policy.chosen(containers: containers.containers.value)
    try Failure.reporting {
      guard follow else {
        return try Listing(capture: capture, output: output).run()
      }
      let signals = try StopSignals()
      let source = try capture.open()
      let control = try control.open(for: privileges.user)
      try privileges.becomeUser()
      var run = try LiveRun(
        source: source,
        control: control,
        policy: policy,
        outputs: try output.open(interruptedBy: signals.descriptor),
        dump: try record.map { DumpSink(try .creating($0)) },
        signals: signals,
        options: output,
        privileges: privileges,
        containers: containers,
        verifyEvery: verification.verify)
      try run.run()
    }
  }
}
