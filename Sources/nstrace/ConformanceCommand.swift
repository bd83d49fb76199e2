// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Judges what is printed of a recording, or now, against each clause of the RFC.",
    discussion: """
      R1-R13 are the RFC's clauses, T1-T15 positions of its thread, L1-L4 of the 2016 thread. Each
      is held, broken (with the serials that show it) or not exercised. A position that is a policy
      is judged in a run under that policy, and its serials are those of that run.

        nstrace conformance x.nsdump
        sudo nstrace conformance --live --duration 60

      With --live the kernel is followed until ^C or for so long, under all policies side by
      side, and nstrace register works meanwhile: what the kernel is told is by the policy rfc.

      --format json writes an object a line, --format none only the exit status: 1 when a clause
      is broken, or, with --strict, records are missing in what was judged; 65 for a bad dump, of
      which what stands before the damage is judged.
      """)

  @Argument(help: ArgumentHelp("A dump; it is read once for each policy.", valueName: "file"))
  var file: String?

  @Flag(help: "Follow the kernel, and judge what is printed of it.")
  var live = false

  @Option(help: ArgumentHelp("With --live: end after so long.", valueName: "seconds"))
  var duration: Double?

  @OptionGroup var capture: CaptureOptions
  @OptionGroup var control: ControlOptions
  @OptionGroup var privileges: PrivilegeOptions

  // Hidden, for only --format means something here; the command above would take it otherwise.
  @OptionGroup(visibility: .hidden) var output: OutputOptions

  func validate() throws {
    guard (file == nil) == live else { throw ValidationError("give a dump, or --live") }
    if let duration {
      guard live else { throw ValidationError("--duration needs --live") }
      guard duration > 0, duration <= Self.durationMax else {
        throw ValidationError("--duration is a number of seconds, at most a year's")
      }
    }
    if output.format == .audit {
      throw ValidationError("verdicts are no audit records: use --format table, json or none")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    try Failure.reporting {
      var damage: DumpError?
      let report = try judge(&damage)
      var text = TextBuffer()
      switch output.format ?? .table {
      case .json: report.writeJSON(to: &text)
      case .none: break
      case .table, .audit: report.writeTable(to: &text)
      }
      do throws(SystemError) {
        try FileDescriptor.standardOutput.write(text.bytes)
      } catch {
        if !error.isClosedPipe { throw error }
      }
      if let damage { throw damage }
      if report.isBroken || output.isBroken(byLoss: report.lost) { throw Failure.general }
    }
  }

  private static let durationMax = 365.0 * 86_400

  /// - Parameter damage: where the dump ends early, or holds together no further: what stands before that
  ///   is judged.
  private func judge(_ damage: inout DumpError?) throws -> ConformanceReport {
    guard let file else { return try follow() }
    return try Conformance.report { give in
      do {
        try read(file, give)
      } catch let error as DumpError where error.isBehindRecords {
        damage = error
      }
    }
  }

  private func follow() throws -> ConformanceReport {
    // Options exist only parsed: ArgumentParser ends a program that makes them otherwise.
    let quiet = output.quiet ? ["--quiet"] : []
    let options = try OutputOptions.parse(["--format", "none"] + quiet)
    let signals = try StopSignals()
    let source = try capture.open()
    let control = try control.open(for: privileges.user)
    try privileges.becomeUser()
    let conformance = ConformanceRun()
    var run = try LiveRun(
      source: source, control: control, policy: RFCPolicy(),
      outputs: try options.open(interruptedBy: signals.descriptor), dump: nil, signals: signals,
      options: options, privileges: privileges, conformance: conformance,
      duration: duration.map { .seconds($0) })
    try run.run()
    return conformance.report
  }

  private func read(
    _ file: String, _ give: (borrowing RecordBatch) throws(WireError) -> Void
  ) throws {
    var source = DumpSource(try .reading(file))
    var batch = RecordBatch()
    while try source.next(into: &batch) == .records {
      do throws(WireError) {
        try give(batch)
      } catch {
        throw source.damage(error)
      }
    }
  }
}
