// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Writes the raw stream to a file, until ^C; nstrace replay prints it.")

  @Argument(help: "The dump to write, over an old file of that name; - is standard output.")
  var file: String

  @OptionGroup var capture: CaptureOptions
  @OptionGroup var control: ControlOptions
  @OptionGroup var policy: PolicyOptions
  @OptionGroup var privileges: PrivilegeOptions

  @Flag(name: .shortAndLong, help: "No messages on standard error but errors.")
  var quiet = false

  @Flag(help: "End with status 1 when records were lost, as NS_LOST says.")
  var strict = false

  func validate() throws {
    if file == "-" && isatty(STDOUT_FILENO) == 1 {
      throw ValidationError("a dump is not for a terminal: redirect standard output")
    }
  }

  func run() throws {
    let policy = try policy.chosen()
    try Failure.reporting {
      // Options exist only parsed: ArgumentParser ends a program that makes them otherwise.
      let options = try OutputOptions.parse(
        ["--format", "none"] + (quiet ? ["--quiet"] : []) + (strict ? ["--strict"] : []))
      let signals = try StopSignals()
      let source = try capture.open()
      let control = try control.open(for: privileges.user)
      try privileges.becomeUser()
      var run = try LiveRun(
        source: source, control: control, policy: policy,
        outputs: try options.open(interruptedBy: signals.descriptor),
        dump: DumpSink(file == "-" ? .standardOutput : try .creating(file)), signals: signals,
        options: options, privileges: privileges)
      try run.run()
    }
  }
}
