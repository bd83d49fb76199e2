// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Prints a recording as the live run printed it.",
    usage: "nstrace replay [<options>] <file> ...",
    discussion: "Needs no privileges. Each file is a run of its own, with serials from 1.")

  @Argument(
    help: ArgumentHelp("Dumps, replayed in this order; - is standard input.", valueName: "file"),
    completion: .file())
  var files: [String]

  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "What to trace") var containers: ContainerOptions
  @OptionGroup(title: "What to trace") var policy: PolicyOptions
  @OptionGroup(title: "Expert") var losses: LossOptions

  func validate() throws { try policy.check(containers) }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    try Failure.reporting {
      var failure: ExitCode?
      for file in files {
        do {
          guard try replay(file, failure: &failure) else { break }
        } catch let error as DumpError {
          // Each dump is a run of its own: go on with the next.
          Diagnostics.fail("\(error)")
          failure = failure ?? Failure.status(of: error)
        }
      }
      if let failure { throw failure }
    }
  }

  private func open(_ file: String) throws(DumpError) -> DumpSource {
    file == "-" ? DumpSource(.standardInput) : try DumpSource(path: file)
  }

  /// The time of the last record, if --since or --until counts from it: CLOCK_REALTIME, nanoseconds.
  private func endNs(of file: String) throws -> Int64 {
    guard output.filter.window.countsFromEnd else { return 0 }
    guard file != "-" else { throw StreamEnd.Unknown() }
    return try StreamEnd.timeNs(of: try open(file))
  }

  /// - Returns: whether the output still has a reader.
  private func replay(_ file: String, failure: inout ExitCode?) throws -> Bool {
    var plan = try output.plan(before: try endNs(of: file))
    plan.period = output.ends.time.duration.map { StreamPeriod($0) }
    var pipeline = Pipeline(
      from: try open(file), to: try plan.open(), policy: policy.chosen, options: trackerOptions)
    pipeline.taps += plan.taps
    var progress = Progress(of: file, bytes: pipeline.source.size, isQuiet: messages.quiet)
    defer { progress.clear() }
    do {
      while try pipeline.step() == .records {
        progress.show(pipeline.source.offset)
        if pipeline.sink.isComplete || plan.period?.isOver == true { break }
        if try isClosed(pipeline.sink.main.failure) { return false }
      }
    } catch {
      try? pipeline.finish()
      throw error
    }
    try pipeline.finish()
    plan.tellFailures()
    try ProcessOptions.refuse(plan.tree?.unseen ?? [], "is in \(file)")
    if losses.strict && pipeline.counters.lost > 0 { failure = failure ?? Failure.general }
    if let failure = pipeline.sink.log?.failure ?? pipeline.sink.routes?.failure { throw failure }
    return try !isClosed(pipeline.sink.main.failure)
  }

  private var trackerOptions: TrackerOptions {
    var options = TrackerOptions()
    output.apply(to: &options)
    containers.apply(to: &options)
    return options
  }

  /// Whether the reader of the output has gone, which is no error (`| head`).
  private func isClosed(_ failure: SystemError?) throws -> Bool {
    guard let failure else { return false }
    guard failure.isClosedPipe else { throw failure }
    return true
  }
}
