// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// What exists now: takes the snapshot, prints it, ends.
struct Listing {
  let capture: CaptureOptions
  let output: OutputOptions

  func run() throws {
    var source = try capture.open()
    var tracer = Tracer(Tracker(sink: NoEvents()))
    var batch = RecordBatch()
    while tracer.tracker.phase != .following {
      if try source.next(into: &batch) == .records { try tracer.process(batch) }
    }
    var text = TextBuffer()
    write(tracer.tracker.state, nsfsDev: tracer.tracker.host?.nsfsDev ?? 0, to: &text)
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
    switch output.format ?? .table {
    case .table:
      listing.writeTable(to: &text, output.terminal, userName: Self.userName)
    case .json: listing.writeJSON(to: &text)
    case .audit: listing.writeAudit(output.auditFormat, to: &text)
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
