// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - R4: the kernel's own audit events

/// Each event of the kernel's audit gets the containers that its process was in at the time of the event.
/// The stream has the records behind everything that happened before they were read.
extension Tracker where Sink: ~Copyable {
  package mutating func audit(_ event: nst_audit, text: RawSpan) {
    openAudit.take(event, text)
    writeAudit()
  }

  package mutating func auditLost(_ event: nst_audit_lost) {
    counters.lost &+= UInt64(event.count)
    var draft = begin(at: event.hdr.time_ns)
    draft.event.lost = LostRecord(
      count: UInt64(event.count), kind: UInt16(NST_KIND_AUDIT.rawValue),
      sinceNs: wallClock(event.since_ns), resynced: false,
      cause: event.where == NST_AUDIT_LOST_KERNEL ? .backlog : .audit)
    finish(draft)
  }

  /// Writes the audit events that are open: no more records come.
  package mutating func finishAudit() {
    openAudit.completeAll()
    writeAudit()
  }

  private mutating func writeAudit() {
    for var open in openAudit.takeComplete() {
      open.event.pid = open.event.actor
      switch answer(for: open) {
      case .unknown: break
      case .known(let mentions):
        open.event.isKnown = true
        open.event.mentions = mentions
      }
      if !open.event.isContinued { auditCounters.count(open.event) }
      sink.write(open.event)
    }
    auditCounters.unread = openAudit.unread
  }

  private func answer(for open: OpenKernelEvents.Open) -> StayAnswer {
    open.event.pid.map {
      join(process: $0, at: open.eventNs, slackNs: open.slackNs, readNs: open.readNs)
    } ?? .unknown
  }

  /// The containers that a process was in, and its session, at the time of an event. While records are
  /// missing nothing is said: another process may have the number by now.
  /// - Parameters:
  ///   - pid: a tgid in the initial PID namespace.
  ///   - eventNs: the event's stamp: CLOCK_BOOTTIME, nanoseconds.
  ///   - slackNs: how much later than its stamp the event may have been.
  ///   - readNs: when its record had been written for sure.
  package func join(
    process pid: UInt32, at eventNs: UInt64, slackNs: UInt64, readNs: UInt64
  ) -> StayAnswer {
    if isUnsure { return .unknown }
    return state.membership(ofProcess: pid, at: eventNs, slackNs: slackNs, readNs: readNs)
  }

  /// CLOCK_BOOTTIME in nanoseconds, for a CLOCK_REALTIME in nanoseconds.
  package func bootNs(ofRealtime timeNs: Int64) -> UInt64 {
    UInt64(clamping: timeNs &- realtimeOffsetNs)
  }
}

extension AuditCounters {
  fileprivate mutating func count(_ event: KernelEvent) {
    if event.pid == nil {
      nameless += 1
    } else if !event.isKnown {
      unknown += 1
    } else if event.mentions.isEmpty {
      hosts += 1
    } else {
      contained += 1
    }
  }
}
