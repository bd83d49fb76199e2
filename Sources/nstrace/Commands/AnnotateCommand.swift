// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct AnnotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "annotate",
    abstract: "Adds container IDs to a log that auditd wrote during a recording.",
    usage: "nstrace annotate --dump <file> [<options>] [<log> ...] > <annotated log>",
    discussion: """
      Copies the log to standard output, each line as it is, and adds to each event
      of a container's process the CONTAINER_ID records that --audit-events would
      have added: type=UNKNOWN[1394] ... contid=... rel=member (or rel=inside, with
      the session). ausearch, aureport and laurel take them as part of the event.
      Needs no privileges but to read the files.

        nstrace annotate --dump x.nsdump /var/log/audit/audit.log* > annotated.log
        ausearch -if annotated.log -m EXECVE

      Logs are read in the order of their first records, however they are given.
      Those that gzip has compressed are read, too. Without a log standard input is
      read.

      An event is joined by its pid and its time with what the process belonged to
      then. An event from before the recording's first snapshot, or from after its
      last record, is left as it is, and counted. A log of another time or host, and
      one that has CONTAINER_ID records already, are refused.
      """)

  @Argument(
    help: ArgumentHelp("Logs of auditd; - is standard input.", valueName: "log"),
    completion: .file())
  var logs: [String] = []

  @Option(
    help: ArgumentHelp("The recording (nstrace record); - is standard input.", valueName: "file"),
    completion: .file())
  var dump: String

  @Option(
    help: ArgumentHelp(
      "The name in the log (node=) of the recording's host (default: its host name).",
      valueName: "name"))
  var node: String?

  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup(title: "What to trace") var containers: ContainerOptions
  @OptionGroup(title: "What to trace") var policy: PolicyOptions

  private var paths: [String] { logs.isEmpty ? ["-"] : logs }

  func validate() throws {
    try policy.check(containers)
    guard paths.count(where: { $0 == "-" }) + (dump == "-" ? 1 : 0) <= 1 else {
      throw ValidationError("only one file can be standard input: name the log, or the recording")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    try Failure.reporting {
      let inputs = try LogInput.open(paths)
      tellOrder(of: inputs)
      var run = AnnotateRun(try openDump(), node: node)
      do {
        try run.run(inputs)
      } catch let error as SystemError where error.isClosedPipe {
        return
      }
      if !messages.quiet { Diagnostics.say("\(run.annotator.counts)") }
      if let damage = run.damage { throw damage }
    }
  }

  private func openDump() throws -> DumpJoin {
    var options = TrackerOptions()
    containers.apply(to: &options)
    let source = dump == "-" ? DumpSource(.standardInput) : try DumpSource(path: dump)
    return try DumpJoin(source, name: dump, policy: policy.chosen, options: options)
  }

  private func tellOrder(of inputs: [LogInput]) {
    let names = inputs.map(\.name)
    guard !messages.quiet, inputs.count > 1, names != logs else { return }
    Diagnostics.say("reading by the first records: \(names.joined(separator: ", "))")
  }
}
