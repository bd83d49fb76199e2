// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Judges what is printed of a recording against each clause of the RFC.",
    discussion: """
      R1-R13 are the RFC's clauses, T1-T15 positions of its thread, L1-L3 of the 2016 thread. Each
      is held, broken (with the serials that show it) or not exercised. A position that is a policy
      is judged in a run under that policy, and its serials are those of that run.

      --format json writes an object a line, --format none only the exit status: 1 when a clause
      is broken, 65 for a bad dump.
      """)

  @Argument(help: ArgumentHelp("A dump; it is read once for each policy.", valueName: "file"))
  var file: String

  // Hidden, for only --format means something here; the command above would take it otherwise.
  @OptionGroup(visibility: .hidden) var output: OutputOptions

  func validate() throws {
    if output.format == .audit {
      throw ValidationError("verdicts are no audit records: use --format table, json or none")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    try Failure.reporting {
      let report = try Conformance.report { give in try read(give) }
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
      if report.isBroken { throw Failure.general }
    }
  }

  private func read(_ give: (borrowing RecordBatch) throws(WireError) -> Void) throws {
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
