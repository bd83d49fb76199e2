// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Prints what a recording holds, as the live run printed it.",
    discussion: "Needs no privileges. Each file is a run of its own, with serials from 1.")

  @Argument(help: ArgumentHelp("Dumps, in this order; - is standard input.", valueName: "file"))
  var files: [String]

  @OptionGroup var output: OutputOptions
  @OptionGroup var policy: PolicyOptions
  @OptionGroup var containers: ContainerOptions

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let policy = try policy.chosen(containers: containers.containers.value)
    try Failure.reporting {
      var failure: ExitCode?
      for file in files {
        do {
          guard try replay(file, under: policy, failure: &failure) else { break }
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
    do throws(SystemError) {
      return DumpSource(file == "-" ? .standardInput : try .reading(file))
    } catch {
      throw .unreadable(error)
    }
  }

  /// - Returns: whether anybody still reads the output.
  private func replay(
    _ file: String, under policy: any ContainerPolicy, failure: inout ExitCode?
  ) throws -> Bool {
    var source = try open(file)
    var tracer = Tracer(
      Tracker(
        sink: PinnedHold(try output.open()), policy: policy,
        options: output.trackerOptions(containers)))
    var progress = Progress(of: file, bytes: source.size)
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
    if output.isBroken(byLoss: tracer.tracker.counters.lost) {
      failure = failure ?? Failure.general
    }
    if let failure = tracer.tracker.sink.next.log?.failure { throw failure }
    return try !isClosed(tracer.tracker.sink.next.main.failure)
  }

  /// Nobody reads any more, which is no error (`| head`).
  private func isClosed(_ failure: SystemError?) throws -> Bool {
    guard let failure else { return false }
    guard failure.isClosedPipe else { throw failure }
    return true
  }
}
