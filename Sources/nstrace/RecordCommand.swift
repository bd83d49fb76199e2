// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Writes the raw stream to a file, until ^C; nstrace replay prints it.")

  @Argument(help: "The dump to write; an old file of that name is overwritten.")
  var file: String

  @OptionGroup var capture: CaptureOptions

  @Flag(name: .shortAndLong, help: "No messages on standard error but errors.")
  var quiet = false

  func run() throws {
    try Failure.reporting {
      // Options exist only parsed: ArgumentParser ends a program that makes them otherwise.
      let options = try OutputOptions.parse(["--format", "none"] + (quiet ? ["--quiet"] : []))
      let signals = try StopSignals()
      var run = try LiveRun(
        source: try capture.open(), outputs: try options.open(),
        dump: DumpSink(try .creating(file)), signals: signals, options: options)
      try run.run()
    }
  }
}
