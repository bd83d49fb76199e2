// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace
internal import NSTraceConformance

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Shows where several policies differ on a recording.",
    usage: "nstrace compare [<options>] <file> --policy <name> --policy <name> ...",
    discussion: """
      Replays the recording under each policy. Prints a line for each event on
      which they differ: its serial under the first policy (- if that has no such
      event), its time, its operation, its task, and for each policy the IDs that
      it sets and drops, or else the IDs in the records. Needs no privileges.
      """)

  @Argument(
    help: ArgumentHelp("A dump; - is standard input.", valueName: "file"), completion: .file())
  var file: String

  @OptionGroup(title: "What to trace") var policies: PoliciesOptions
  @OptionGroup(title: "What to trace") var containers: ContainerOptions

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    try Failure.reporting {
      var source = DumpSource(file == "-" ? .standardInput : try .reading(file))
      var options = TrackerOptions()
      containers.apply(to: &options)
      var comparison = PolicyComparison(of: policies.policy, options: options)
      var damage: (any Error)?
      do {
        try replay(&source, into: &comparison)
      } catch {
        damage = error
      }
      var text = TextBuffer()
      comparison.writeTable(to: &text)
      do throws(SystemError) {
        try FileDescriptor.standardOutput.write(text.bytes)
      } catch {
        if !error.isClosedPipe { throw error }
      }
      if let damage { throw damage }
    }
  }

  private func replay(
    _ source: inout DumpSource, into comparison: inout PolicyComparison
  ) throws {
    var order = EffectOrder()
    try source.forEachBatch { (batch) throws(WireError) in
      try order.process(batch, into: &comparison)
    }
    try order.release(into: &comparison)
  }
}
