// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace
internal import NSTraceLive

/// Takes a snapshot, prints its namespaces, and exits.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the namespaces that are in use now, like lsns.",
    usage: """
      nstrace [<options>]
      nstrace list [<options>]
      """,
    discussion: """
      A line for each namespace: kind, inode number, nsid, how many tasks use it,
      and process, user and command of the first of these tasks to start.

      --format json writes an object a line (docs/list.schema.json), --format audit
      an NS_INFO record for each task.
      """)

  @OptionGroup(title: "What to show") var format: ListFormatOptions
  @OptionGroup(title: "What to show") var color: ColorOptions
  @OptionGroup(title: "What to show") var numbering: NumberingOptions
  @OptionGroup(title: "Expert") var capture: CaptureOptions

  func run() throws {
    try Failure.reporting { try list() }
  }

  private func list() throws {
    var pipeline = Pipeline(from: try capture.open(), to: NoEvents())
    while !pipeline.isFollowing { try pipeline.step() }
    var text = TextBuffer()
    write(pipeline.state, nsfsDev: pipeline.host?.nsfsDev ?? 0, to: &text)
    signal(SIGPIPE, SIG_IGN)
    do throws(SystemError) {
      try FileDescriptor.standardOutput.write(text.bytes)
    } catch {
      if !error.isClosedPipe { throw error }
    }
  }

  private func write(_ state: borrowing NamespaceState, nsfsDev: UInt64, to text: inout TextBuffer)
  {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let timeNs = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    let listing = NamespaceListing(state, nsfsDev: nsfsDev, timeNs: timeNs)
    switch format.format {
    case .table:
      listing.writeTable(to: &text, color.terminal, userName: Self.userName)
    case .json: listing.writeJSON(to: &text)
    case .audit: listing.writeAudit(AuditLineFormat(typeBase: numbering.typeBase), to: &text)
    case .none: break
    }
  }

  private static func userName(_ uid: UInt32) -> String? {
    getpwuid(uid).map { String(cString: $0.pointee.pw_name) }
  }
}

private struct NoEvents: AuditEventSink {
  func write(_ event: borrowing AuditEvent) {}
}
