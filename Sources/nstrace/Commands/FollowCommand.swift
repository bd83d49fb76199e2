// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

struct FollowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Prints every change as it happens, until ^C.",
    usage: """
      nstrace --follow [<options>]
      nstrace follow [<options>]
      """)

  /// Accepts `nstrace --follow`: `CommandName.spelledOut` puts `follow` in front and leaves the option.
  @Flag(name: .shortAndLong, help: .hidden)
  var follow = false

  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "Where to write") var recording: RecordingOptions
  @OptionGroup(title: "Where to write") var limits: LogLimitOptions
  @OptionGroup(title: "Where to write") var auditTrail: AuditTrailOptions
  @OptionGroup(title: "Where to write") var overwriting: OverwriteOptions
  @OptionGroup(title: "What to trace") var containers: ContainerOptions
  @OptionGroup(title: "What to trace") var policy: PolicyOptions
  @OptionGroup(title: "What to trace") var audit: AuditEventOptions
  @OptionGroup(title: "Expert") var verification: VerifyOptions
  @OptionGroup(title: "Expert") var losses: LossOptions
  @OptionGroup var live: LiveOptions

  func validate() throws {
    try live.privileges.checkUser()
    try policy.check(containers)
    try limits.check(output.log)
    if overwriting.force && recording.record == nil {
      throw ValidationError("--force needs --record: nothing else is overwritten")
    }
    if let dump = recording.record, dump == output.log.auditLog {
      throw ValidationError("--record and --audit-log need a file each")
    }
  }

  func run() throws {
    try Failure.reporting {
      try output.processes.check()
      var plan = LivePlan(
        policy: policy.chosen, output: try output.plan(before: WallClock.nowNs),
        verifyInterval: verification.verify?.duration,
        duration: output.ends.time.duration, isQuiet: messages.quiet, isStrict: losses.strict)
      plan.output.limits = limits.limits
      output.apply(to: &plan.tracker)
      containers.apply(to: &plan.tracker)
      audit.apply(to: &plan.tracker)
      let session = try LiveSession.open(live, auditEvents: audit.auditEvents, to: auditTrail)
      var run = try LiveRun(session, plan) {
        try recording.create(overwriting: overwriting.force)
      }
      try run.run()
    }
  }
}
