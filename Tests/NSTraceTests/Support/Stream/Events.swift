// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

// Audit events such as a tracker makes, for the formats.

extension AuditEvent {
  /// 2026-11-21 23:08:55.123456789 UTC.
  static let sampleTimeNs: Int64 = 1_795_302_535_123_456_789

  static func make(
    serial: UInt64 = 17, call: nst_call? = nil, subject: nst_subject? = .make(),
    exe: [UInt8] = WireSample.exeText, exeMarks: ProgramMarks = [],
    proctitle: [UInt8] = WireSample.proctitleText,
    _ namespaces: [NamespaceRecord] = [], lost: LostRecord? = nil
  ) -> AuditEvent {
    var event = AuditEvent()
    event.serial = serial
    event.timeNs = sampleTimeNs
    event.nsfsDev = 4
    event.call = call
    event.subject = subject
    event.exe = exe
    event.exeMarks = exeMarks
    event.proctitle = proctitle
    event.namespaces = namespaces
    event.lost = lost
    return event
  }
}

extension NamespaceID {
  static let hostNet = NamespaceID(kind: .net, inum: 4_026_531_833, nsid: 6)
  static let newNet = NamespaceID(kind: .net, inum: 4_026_532_281, nsid: 4711)
  static let newMnt = NamespaceID(kind: .mnt, inum: 4_026_532_282, nsid: 4712)
  static let hostMnt = NamespaceID(kind: .mnt, inum: 4_026_531_832, nsid: 1)

  /// The ID as on a kernel before 6.18.
  var withoutID: NamespaceID { NamespaceID(kind: kind, inum: inum, nsid: 0) }
}

extension NamespaceRecord {
  static func created(
    _ namespace: NamespaceID = .newNet, from old: NamespaceID? = .hostNet,
    by op: NSTrace.Operation = .unshare, opid: UInt32 = 4242
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .create, op: op, kind: namespace.kind, namespace: namespace, old: old, opid: opid)
  }

  static func changed(
    to namespace: NamespaceID = .newNet, from old: NamespaceID? = .hostNet,
    by op: NSTrace.Operation = .setns, opid: UInt32 = 4242
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .change, op: op, kind: namespace.kind, namespace: namespace, old: old, opid: opid)
  }

  static func destroyed(
    _ namespace: NamespaceID = .newNet, by op: NSTrace.Operation = .exit, opid: UInt32 = 4242
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .destroy, op: op, kind: namespace.kind, namespace: namespace, old: nil, opid: opid)
  }

  static func refused(
    _ verb: Verb, _ kind: NamespaceKind?, from old: NamespaceID?, by op: NSTrace.Operation
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: verb, op: op, kind: kind, namespace: nil, old: old, opid: 4242, granted: false)
  }
}

extension RecordFormat {
  /// The lines that the format prints for an event.
  func lines(of event: AuditEvent) -> [String] {
    var format = self
    var text = TextBuffer()
    format.write(event, to: &text)
    return String(decoding: text.bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
  }
}
