// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace
internal import NSTraceConformance

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Judges what is printed of a recording by each clause of the RFC.",
    usage: """
      nstrace conformance [<options>] <file>
      nstrace conformance [<options>] --live
      """,
    discussion: """
      R1-R13 are the RFC's clauses, T1-T15 positions of its thread, L1-L4 of that of
      2016. Each is held, broken (with the serials that show it) or not exercised.
      A position that is a policy is judged in a run under that policy, and its
      serials are those of that run.

        nstrace conformance x.nsdump
        sudo nstrace conformance --live --duration 60

      With --live the kernel is followed until ^C or for so long, under all policies
      side by side, and nstrace register works meanwhile: what the kernel is told is
      by the policy rfc.

      --format json writes an object a line, --format none only the exit status: 1
      when a clause is broken, or, with --strict, records are missing in what was
      judged; 65 for a bad dump, of which what stands before the damage is judged.
      """)

  @Argument(
    help: ArgumentHelp("A dump; it is read once for each policy.", valueName: "file"),
    completion: .file())
  var file: String?

  @OptionGroup(title: "What to show") var format: ReportFormatOptions
  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "What to trace") var judging: JudgingOptions
  @OptionGroup(title: "Expert") var losses: LossOptions
  @OptionGroup var live: LiveOptions

  func validate() throws {
    guard (file == nil) == judging.live else { throw ValidationError("give a dump, or --live") }
    guard judging.live || !messages.quiet && !live.isGiven else {
      throw ValidationError(
        "a dump is read without a tracer: --quiet, --ring-size, --hooks, --verbose, --control, "
          + "--user and --no-sandbox need --live")
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

  /// - Parameter damage: where the dump ends early, or holds together no further: what stands before that
  ///   is judged.
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
