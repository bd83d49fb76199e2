// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// Keeps all that the decoder hands over.
struct ReceivingHandler: EventHandler {
  var records: [ReceivedRecord] = []

  mutating func fork(_ event: nst_fork) { keep(event.hdr, event) }

  mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    records.append(ReceivedRecord(event.hdr, event, subject: subject))
  }

  mutating func task(_ event: nst_task, exe: RawSpan) { keep(event.hdr, event, [UInt8](exe)) }

  mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    keep(event.hdr, event, [UInt8](proctitle))
  }

  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    keep(event.hdr, event, [UInt8](proctitle))
  }

  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    keep(event.hdr, event, [UInt8](exe), [UInt8](proctitle))
  }

  mutating func host(
    _ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan
  ) {
    keep(event.hdr, event, [UInt8](release), [UInt8](hostname), [UInt8](version))
  }

  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    keep(event.hdr, event, [UInt8](path))
  }

  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    keep(event.hdr, event, [UInt8](name))
  }

  mutating func attach(_ event: nst_attach) { keep(event.hdr, event) }
  mutating func freed(_ event: nst_freed) { keep(event.hdr, event) }
  mutating func pinned(_ event: nst_pinned) { keep(event.hdr, event) }
  mutating func users(_ event: nst_users) { keep(event.hdr, event) }
  mutating func confined(_ event: nst_confined) { keep(event.hdr, event) }

  mutating func clock(_ event: nst_clock) { keep(event.hdr, event) }
  mutating func snapshotBegin(_ event: nst_snapshot) { keep(event.hdr, event) }
  mutating func snapshotEnd(_ event: nst_snapshot) { keep(event.hdr, event) }
  mutating func lost(_ event: nst_lost) { keep(event.hdr, event) }
  mutating func suppressed(_ event: nst_suppressed) { keep(event.hdr, event) }
  mutating func member(_ event: nst_member) { keep(event.hdr, event) }
  mutating func register(_ event: nst_register, name: RawSpan) {
    keep(event.hdr, event, [UInt8](name))
  }
  mutating func kept(_ event: nst_kept, name: RawSpan) {
    keep(event.hdr, event, [UInt8](name))
  }
  mutating func keptSession(_ event: nst_kept_session, exe: RawSpan) {
    keep(event.hdr, event, [UInt8](exe))
  }
  mutating func inside(_ event: nst_inside) { keep(event.hdr, event) }
  mutating func stain(_ event: nst_stain) { keep(event.hdr, event) }
  mutating func audit(_ event: nst_audit, text: RawSpan) { keep(event.hdr, event, [UInt8](text)) }
  mutating func auditLost(_ event: nst_audit_lost) { keep(event.hdr, event) }
  mutating func unknown(_ header: nst_header) { keep(header, header) }

  private mutating func keep<Record: BitwiseCopyable>(
    _ header: nst_header, _ record: Record, _ texts: [UInt8]...
  ) {
    records.append(ReceivedRecord(header, record, texts: texts))
  }

  /// The records in `bytes`, and the error that ended them.
  static func decode(_ bytes: [UInt8]) -> (records: [ReceivedRecord], error: WireError?) {
    var handler = ReceivingHandler()
    var decoder = EventDecoder()
    do throws(WireError) {
      try decoder.decode(bytes.span.bytes, into: &handler)
    } catch {
      return (handler.records, error)
    }
    return (handler.records, nil)
  }
}
