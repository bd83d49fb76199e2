// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Writes the raw stream to a file, until ^C.",
    usage: "nstrace record [<options>] <file>",
    discussion: "All of the stream is kept: replay selects records, as often as you like.")

  @Argument(
    help: "The dump to write; a new or empty file; - is standard output.",
    completion: .file())
  var file: String

  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "What to show") var time: DurationOptions
  @OptionGroup(title: "Where to write") var overwriting: OverwriteOptions
  @OptionGroup(title: "What to trace") var policy: PolicyOptions
  @OptionGroup(title: "What to trace") var audit: AuditEventOptions
  @OptionGroup(title: "Expert") var losses: LossOptions
  @OptionGroup var live: LiveOptions

  func validate() throws {
    try live.privileges.checkUser()
    if file == "-" && isatty(STDOUT_FILENO) == 1 {
      throw ValidationError("a dump is not for a terminal: redirect standard output")
    }
    if file == "-" && overwriting.force {
      throw ValidationError("--force is for a file: standard output is not overwritten")
    }
  }

  func run() throws {
    try Failure.reporting {
      var plan = LivePlan(
        policy: policy.chosen, duration: time.duration, isQuiet: messages.quiet,
        isStrict: losses.strict)
      audit.apply(to: &plan.tracker)
      var run = try LiveRun(try .open(live, auditEvents: audit.auditEvents), plan) {
        file == "-"
          ? .patientOutput() : try .creating(file, overwriting: overwriting.force)
      }
      try run.run()
    }
  }
}
