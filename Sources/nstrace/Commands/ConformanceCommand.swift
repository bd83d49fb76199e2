// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace
internal import NSTraceConformance

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Judges the output for a recording by each RFC clause.",
    usage: """
      nstrace conformance [<options>] <file>
      nstrace conformance [<options>] --live
      """,
    discussion: """
      R1-R13 are the RFC's clauses, T1-T15, T18 and T20 positions of its thread,
      L1-L4 positions of the 2016 thread. Each is held, broken (with the serials
      that show it) or not exercised. A position that is a policy is judged in a
      run under that policy, and its serials are those of that run.

        nstrace conformance x.nsdump
        sudo nstrace conformance --live --duration 60

      --live follows the kernel until ^C or for --duration seconds, under all
      policies side by side. nstrace register works meanwhile; the kernel side
      carries what the policy rfc decides.

      --format json writes an object a line, --format none nothing. Exit status: 1
      if a clause is broken, or, with --strict, if records were lost; 65 for a bad
      dump, which is judged as far as the damage.
      """)

  @Argument(
    help: ArgumentHelp("A dump. It is read once for each policy.", valueName: "file"),
    completion: .file())
  var file: String?

  @OptionGroup(title: "What to show") var format: ReportFormatOptions
  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "What to trace") var judging: JudgingOptions
  @OptionGroup(title: "Expert") var losses: LossOptions
  @OptionGroup var live: LiveOptions

  func validate() throws {
    try live.privileges.checkUser()
    guard (file == nil) == judging.live else { throw ValidationError("give a dump, or --live") }
    guard judging.live || !messages.quiet && !live.isGiven else {
      throw ValidationError(
        "a dump is read without a tracer: --quiet, --ring-size, --hooks, --share, --verbose, "
          + "--control, --keep, --no-keep, --user and --no-sandbox need --live")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    try Failure.reporting {
      var damage: DumpError?
      let report = try judge(&damage)
      var text = TextBuffer()
      switch format.format {
      case .json: report.writeJSON(to: &text)
      case .none: break
      case .table: report.writeTable(to: &text)
      }
      do throws(SystemError) {
        try FileDescriptor.standardOutput.write(text.bytes)
      } catch {
        if !error.isClosedPipe { throw error }
      }
      if let damage { throw damage }
      if report.isBroken || losses.strict && report.lost > 0 { throw Failure.general }
    }
  }

  /// - Parameter damage: set if the dump is damaged; the records before the damage are judged.
  private func judge(_ damage: inout DumpError?) throws -> ConformanceReport {
    guard let file else { return try follow() }
    return try Conformance.report { give in
      do {
        var source = DumpSource(try .reading(file))
        try source.forEachBatch(give)
      } catch let error as DumpError where error.isBehindRecords {
        damage = error
      }
    }
  }

  private func follow() throws -> ConformanceReport {
    let conformance = ConformanceRun()
    let plan = LivePlan(duration: judging.duration.map { .seconds($0) }, isQuiet: messages.quiet)
    var run = try LiveRun(try .open(live), plan, conformance: conformance)
    try run.run()
    return conformance.report
  }
}
