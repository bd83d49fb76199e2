// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// VIRT_* records in the form that user space writes into the audit log, and that auvirt and
/// `ausearch -vm` read (libvirt's docs/auditlog.rst).
extension AuditLineFormat {
  static func append(
    _ record: LifecycleRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    let (subject, isView) = (event.subject, event.isView)
    field("pid=", subject?.task.tgid ?? 0, hidden: isView, &text)
    field(" uid=", subject?.uid ?? 0, hidden: isView, &text)
    field(" auid=", subject?.auid ?? .max, hidden: isView, &text)
    field(" ses=", subject?.ses ?? .max, hidden: isView, &text)
    text.append(" msg='virt=lxc")
    switch record.step {
    case .machineID: break
    case .resource: text.append(" resrc=ns reason=start")
    case .start: text.append(" op=start reason=booted")
    case .stop: text.append(" op=stop reason=shutdown")
    }
    text.append(" vm=")
    append(inMessage: record.machineName, to: &text)
    text.append(" uuid=")
    record.id.append(uuid: &text)
    appendDetails(of: record, isView: isView, to: &text)
    text.append(" exe=")
    let program = event.program
    if program.isEmpty {
      text.append("?")
    } else {
      append(inMessage: program.kernelSpelling, to: &text)
    }
    text.append(" hostname=? addr=? terminal=? res=")
    text.endRecord(record.granted ? "success'\n" : "failed'\n")
  }

  private static func appendDetails(
    of record: LifecycleRecord, isView: Bool, to text: inout TextBuffer
  ) {
    switch record.step {
    case .machineID: text.append(" vm-ctx=none img-ctx=none model=none")
    case .resource(let namespace):
      text.append(" nstype=")
      text.append(namespace.kind.name)
      text.append(" old-ns=\"?\" new-ns=\"")
      text.append(namespace.kind.name)
      text.append(":[")
      text.append(decimal: namespace.inum)
      text.append("]\"")
    case .start, .stop: field(" vm-pid=", record.pid, hidden: isView, &text)
    }
  }

  /// A value inside msg='…', where a single quote ends more than the field.
  private static func append(inMessage value: [UInt8], to text: inout TextBuffer) {
    if value.contains(UInt8(ascii: "'")) {
      text.append(encoded: value)
    } else {
      append(untrusted: value, to: &text)
    }
  }
}
