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
    help: ArgumentHelp("Dumps, in this order; - is standard input.", valueName: "file"),
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
          // The others are runs of their own.
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

  /// - Returns: whether anybody still reads the output.
  private func replay(_ file: String, failure: inout ExitCode?) throws -> Bool {
    var source = try open(file)
    var tracer = Tracer(
      Tracker(
        sink: PinnedHold(try output.plan.open()), policy: policy.chosen, options: trackerOptions))
    var progress = Progress(of: file, bytes: source.size, isQuiet: messages.quiet)
    var batch = RecordBatch()
    do {
      while try source.next(into: &batch) == .records {
        do throws(WireError) {
          try tracer.process(batch)
        } catch {
          throw source.damage(error)
        }
        progress.show(source.offset)
        if try isClosed(tracer.tracker.sink.next.main.failure) { return false }
      }
      try tracer.release()
    } catch {
      try? tracer.release()
      tracer.tracker.sink.finish()
      progress.clear()
      throw error
    }
    tracer.tracker.sink.finish()
    progress.clear()
    if losses.strict && tracer.tracker.counters.lost > 0 {
      failure = failure ?? Failure.general
    }
    if let failure = tracer.tracker.sink.next.log?.failure { throw failure }
    return try !isClosed(tracer.tracker.sink.next.main.failure)
  }

  private var trackerOptions: TrackerOptions {
    var options = TrackerOptions()
    output.detail.apply(to: &options)
    containers.apply(to: &options)
    return options
  }

  /// Nobody reads any more, which is no error (`| head`).
  private func isClosed(_ failure: SystemError?) throws -> Bool {
    guard let failure else { return false }
    guard failure.isClosedPipe else { throw failure }
    return true
  }
}
