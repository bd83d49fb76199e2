// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// Describes each record of a batch in a few words: `fork 1 2`, `lost 2 fork since 40`, `end 3`.
struct RecordNames: EventHandler {
  private(set) var names: [String] = []

  /// - Throws: `WireError` if the batch does not hold whole records.
  static func of(_ batch: borrowing RecordBatch) throws(WireError) -> [String] {
    var handler = RecordNames()
    var decoder = EventDecoder()
    try batch.withBytes { (bytes) throws(WireError) in try decoder.decode(bytes, into: &handler) }
    return handler.names
  }

  mutating func fork(_ event: nst_fork) {
    names.append("fork \(event.parent_tid) \(event.child.tid)")
  }
  mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    names.append("exit \(event.task.tid)")
  }
  mutating func task(_ event: nst_task, exe: RawSpan) {
    let isCensus = event.hdr.flags & UInt16(NST_FLAG_CENSUS) != 0
    let isLate = event.hdr.flags & UInt16(NST_FLAG_LATE) != 0
    names.append("task \(event.subject.task.tid)\(isCensus ? " census" : isLate ? " late" : "")")
  }
  mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    names.append("clone \(event.subject.task.tid) \(event.child.tid)")
  }
  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    names.append("switch \(event.subject.task.tid)")
  }
  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    names.append("exec \(event.subject.task.tid)")
  }
  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    names.append("cgroup \(event.id) \(Self.text(path))")
  }
  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    names.append("cgroup \(event.id) \(Self.text(name)) in \(event.parent_id)")
  }
  mutating func attach(_ event: nst_attach) { names.append("attach \(event.task.tid)") }
  mutating func freed(_ event: nst_freed) { names.append("freed \(event.inum)") }
  mutating func pinned(_ event: nst_pinned) {
    let answers = ["unknown", "yes", "no"]
    names.append("pinned \(event.inum) \(answers[Int(event.answer)])")
  }
  mutating func users(_ event: nst_users) { names.append("users \(event.inum): \(event.tasks)") }
  mutating func confined(_ event: nst_confined) { names.append("confined \(event.task.tid)") }
  mutating func host(_ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan) {
    names.append("host \(Self.text(release)) \(Self.text(hostname)) \(Self.text(version))")
  }
  mutating func clock(_ event: nst_clock) { names.append("clock \(event.realtime_offset_ns)") }
  mutating func snapshotBegin(_ event: nst_snapshot) { names.append("begin") }
  mutating func snapshotEnd(_ event: nst_snapshot) { names.append("end \(event.tasks)") }
  mutating func lost(_ event: nst_lost) {
    let kind = LostRecord.kindName(event.kind)
    let causes = [
      UInt16(NST_LOST_SKIPPED): " skipped", UInt16(NST_LOST_OFF): " off",
      UInt16(NST_LOST_STORAGE): " storage",
    ]
    names.append("lost \(event.count) \(kind) since \(event.since_ns)\(causes[event.flags] ?? "")")
  }
  mutating func suppressed(_ event: nst_suppressed) {
    let kind = LostRecord.kindName(event.kind)
    names.append(
      "suppressed \(event.count) \(kind) of \(event.uid) in \(event.cgroup_id) since \(event.since_ns)"
    )
  }
  mutating func member(_ event: nst_member) {
    names.append("member \(event.task.tid) carried \(event.container)")
  }
  mutating func register(_ event: nst_register, name: RawSpan) {
    let result = event.result == 0 ? "" : ": \(event.result)"
    names.append("register \(event.target_tid) as \(event.container)\(result)")
  }
  mutating func kept(_ event: nst_kept, name: RawSpan) {
    let owners = [event.owners.0, event.owners.1].map { "\($0.tid)" }.joined(separator: " ")
    names.append(
      "kept \(event.contid_low) as \(event.container) after \(event.previous) for \(event.target_tid) "
        + "'\(Self.text(name))' by \(event.caller_tid) of \(owners) at \(event.registered_ns)")
  }
  mutating func keptSession(_ event: nst_kept_session, exe: RawSpan) {
    names.append(
      "session \(event.session) in \(event.containers) of \(event.opid) '\(Self.text(exe))' at "
        + "\(event.began_ns)")
  }
  mutating func inside(_ event: nst_inside) {
    names.append("inside \(event.session) by \(event.slots): \(event.tgid)")
  }
  mutating func stain(_ event: nst_stain) {
    names.append("stain \(event.contid_low) on \(event.inum) (\(event.id))")
  }
  mutating func audit(_ event: nst_audit, text: RawSpan) {
    names.append("audit \(event.type) '\(Self.text(text))'")
  }
  mutating func auditLost(_ event: nst_audit_lost) {
    names.append("audit lost \(event.count) at \(event.where)")
  }
  mutating func unknown(_ header: nst_header) { names.append("unknown \(header.kind)") }

  private static func text(_ bytes: RawSpan) -> String {
    String(decoding: [UInt8](bytes), as: UTF8.self)
  }
}

extension LostRecord {
  fileprivate static func kindName(_ kind: UInt16) -> StaticString {
    LostRecord(count: 1, kind: kind, sinceNs: 0, resynced: false).kindName
  }
}
