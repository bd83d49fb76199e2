// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Writes records as audit lines, which ausearch and auparse read.
package struct AuditLineFormat: RecordFormat {
  /// The spelling of `type=`.
  package enum TypeSpelling: Sendable, Equatable {
    /// `type=NS_CREATE`: for people.
    case names
    /// `type=UNKNOWN[1390]`, as auditd writes a type without a name. `ausearch -m 1390` finds it,
    /// and auparse (before 4.0) keeps the event together. Every event also begins with a SYSCALL
    /// record, whose key names what happened (see `appendLead`).
    case numbers(base: UInt32)
  }

  package var spelling: TypeSpelling
  /// Whether interpretations that auditd has added to the kernel's records stay readable. They stand
  /// behind a control byte, which otherwise only a forger writes, and which is escaped.
  package var keepsInterpretations = false

  package init(spelling: TypeSpelling = .names) { self.spelling = spelling }

  package mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer) {
    // The range of the stamp in the text, which is the same in each record.
    var stamp: Range<Int>?
    writeSystemCall(of: event, &stamp, to: &text)
    let namespaces = event.namespaces.span
    for index in namespaces.indices {
      begin(RecordType(namespaces[index].verb), event, &stamp, &text)
      Self.append(namespaces[index], of: event, to: &text)
      if index == 0 { Self.appendSubject(of: event, to: &text) }
      if namespaces[index].verb == .destroy {
        Self.append(pinned: namespaces[index].isPinned, to: &text)
      }
      Self.append(res: namespaces[index].granted, to: &text)
    }
    if let lost = event.lost {
      begin(.nsLost, event, &stamp, &text)
      Self.append(lost, of: event, to: &text)
    }
    writeContainers(of: event, &stamp, to: &text)
    if let record = event.lifecycle {
      begin(RecordType(record.step), event, &stamp, &text)
      Self.append(record, of: event, to: &text)
    }
    if event.call != nil, !event.proctitle.isEmpty {
      begin(.proctitle, event, &stamp, &text)
      text.append("proctitle=")
      if event.isProctitleCut {
        Self.append(untrusted: BoundedText(event.proctitle, cut: .end).visible, to: &text)
      } else {
        Self.append(untrusted: Self.trimmed(event.proctitle), to: &text)
      }
      text.endRecord()
    }
  }

  private func writeSystemCall(
    of event: borrowing AuditEvent, _ stamp: inout Range<Int>?, to text: inout TextBuffer
  ) {
    let isForReaders = spelling != .names && event.lifecycle == nil
    guard event.call != nil && event.subject != nil || isForReaders else { return }
    if event.omitsCall { return }
    begin(.syscall, event, &stamp, &text)
    switch event.call {
    case let call? where event.hidesSubject: Self.append(hidden: call, to: &text)
    case let call?: Self.append(call, to: &text)
    case nil: Self.appendLead(of: event, to: &text)
    }
    if event.isView {
      Self.append(seenActorOf: event, to: &text)
    } else {
      Self.appendActor(of: event, to: &text)
    }
    if isForReaders {
      Self.appendKey(of: event, to: &text)
    } else {
      text.append(" key=\"nstrace\"")
    }
    if event.writesMentionOfActor { Self.number(" record=", 1, &text) }
    text.endRecord()
  }

  /// CONTAINER_SESSION, NS_INFO, CONTAINER_OP and CONTAINER_ID.
  private func writeContainers(
    of event: borrowing AuditEvent, _ stamp: inout Range<Int>?, to text: inout TextBuffer
  ) {
    for record in event.sessions {
      begin(.containerSession, event, &stamp, &text)
      Self.append(record, of: event, to: &text)
    }
    if let info = event.info, !event.containers.isEmpty {
      begin(.nsInfo, event, &stamp, &text)
      Self.append(info, dev: event.nsfsDev, isView: event.isView, to: &text)
      if event.namespaces.isEmpty { Self.appendSubject(of: event, to: &text) }
      Self.append(res: true, to: &text)
    }
    for (index, record) in event.containers.enumerated() {
      begin(.containerOp, event, &stamp, &text)
      Self.append(record, of: event, to: &text)
      if index == 0, event.namespaces.isEmpty, event.info == nil {
        Self.appendSubject(of: event, to: &text)
      }
      Self.append(resultOf: record, to: &text)
    }
    for (index, mention) in event.writtenMentions.enumerated() {
      begin(.containerID, event, &stamp, &text)
      Self.number("record=", UInt64(index + 1), &text)
      Self.append(mention, to: &text)
      text.endRecord()
    }
  }

  private func begin(
    _ type: RecordType, _ event: borrowing AuditEvent, _ stamp: inout Range<Int>?,
    _ text: inout TextBuffer
  ) {
    append(type, to: &text)
    let (timeNs, serial) = (event.timeNs, event.serial)
    text.append(once: &stamp) { Self.append(stamp: timeNs, serial, to: &$0) }
  }

  /// Appends `type=T msg=audit(SECONDS.MILLISECONDS:SERIAL): `.
  func beginRecord(
    _ type: RecordType, timeNs: Int64, serial: UInt64, to text: inout TextBuffer
  ) {
    append(type, to: &text)
    Self.append(stamp: timeNs, serial, to: &text)
  }

  func append(_ type: RecordType, to text: inout TextBuffer) {
    text.append("type=")
    if case .numbers(let base) = spelling, let offset = type.offset {
      text.append("UNKNOWN[")
      text.append(decimal: UInt64(base) + UInt64(offset))
      text.append("]")
    } else {
      text.append(type.name)
    }
  }

  static func append(stamp timeNs: Int64, _ serial: UInt64, to text: inout TextBuffer) {
    text.append(" msg=audit(")
    append(timeNs: timeNs, to: &text)
    text.append(":", decimal: serial)
    text.append("): ")
  }

  /// ausearch accepts exactly three digits after the point.
  static func append(timeNs: Int64, to text: inout TextBuffer) {
    let milliseconds = UInt64(max(0, timeNs)) / 1_000_000
    text.append(decimal: milliseconds / 1000)
    text.append(".")
    text.append(decimal: milliseconds % 1000, minimumDigits: 3)
  }
}

// MARK: - The fields of each record

extension AuditLineFormat {
  /// In the kernel's order (audit_log_exit).
  private static func append(_ call: nst_call, to text: inout TextBuffer) {
    text.append("arch=")
    text.append(hex: UInt64(call.arch))
    field(" syscall=", call.number, &text)
    text.append(call.result < 0 ? " success=no exit=" : " success=yes exit=")
    text.append(signed: call.result)
    argument(" a0=", call.args.0, &text)
    argument(" a1=", call.args.1, &text)
    argument(" a2=", call.args.2, &text)
    argument(" a3=", call.args.3, &text)
  }

  /// In the kernel's order (audit_log_exit, audit_log_task_info). An unknown subject has unset IDs.
  private static func appendActor(of event: borrowing AuditEvent, to text: inout TextBuffer) {
    guard let subject = event.subject else { return text.append(nobody) }
    field(" items=0 ppid=", subject.ppid, &text)
    field(" pid=", subject.task.tgid, &text)
    field(" auid=", subject.auid, &text)
    field(" uid=", subject.uid, &text)
    field(" gid=", subject.gid, &text)
    field(" euid=", subject.euid, &text)
    field(" suid=", subject.suid, &text)
    field(" fsuid=", subject.fsuid, &text)
    field(" egid=", subject.egid, &text)
    field(" sgid=", subject.sgid, &text)
    field(" fsgid=", subject.fsgid, &text)
    text.append(" tty=")
    let tty = subject.ttyBytes
    if tty.isEmpty { text.append("(none)") } else { append(plain: tty, to: &text) }
    field(" ses=", subject.ses, &text)
    append(subject, event.program, to: &text)
    text.append(" subj=?")
  }

  private static let nobody: StaticString = """
     items=0 ppid=0 pid=0 auid=4294967295 uid=4294967295 gid=4294967295 euid=4294967295 \
    suid=4294967295 fsuid=4294967295 egid=4294967295 sgid=4294967295 fsgid=4294967295 tty=(none) \
    ses=4294967295 comm=? exe=? subj=?
    """

  private static func append(
    _ record: NamespaceRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    let (dev, isView) = (event.nsfsDev, event.isView)
    text.append("op=")
    text.append(record.op.name)
    text.append(" nstype=")
    text.append(record.kind?.name ?? "?")
    append(record.namespace, dev: dev, to: &text)
    if record.verb != .destroy { append(old: record.old, dev: dev, to: &text) }
    append(nsid: record, to: &text)
    field(" opid=", record.opid, hidden: isView, &text)
    append(" contid=", record.containers, isView: isView, to: &text)
    if let session = record.session { number(" cses=", UInt64(session), &text) }
    if let hash = record.setHash {
      text.append(" nshash=\"")
      hash.append(to: &text)
      text.append("\"")
    }
    guard record.printsList else { return }
    if record.listedIn != 0 { return number(" ns-contid-in=", record.listedIn, &text) }
    append(" ns-contid=", record.namespaceContainers, isView: isView, to: &text)
  }

  private static func append(
    _ record: ContainerRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    text.append("op=")
    text.append(record.verb.name)
    field(" opid=", record.opid, hidden: event.isView, &text)
    // The end of a container has no other ID.
    if event.isView, record.verb == .set, record.id == .unset {
      text.append(" contid=?")
    } else {
      append(" contid=", record.id, to: &text)
    }
    append(" old-contid=", record.old, isView: event.isView, to: &text)
    if !record.name.isEmpty {
      text.append(" name=")
      append(untrusted: record.name, to: &text)
    }
    if let source = record.source {
      text.append(" contid-src=")
      text.append(source.name)
    }
    if let change = record.confinement { append(change, to: &text) }
    guard let cgroup = record.cgroup else { return }
    text.append(" cgroup=")
    if cgroup.isEmpty { text.append("?") } else { append(untrusted: cgroup.visible, to: &text) }
  }

  /// `nnp=` before `old-nnp=`: the new value comes first, as in every change.
  private static func append(_ change: ContainerConfinement.Change, to text: inout TextBuffer) {
    text.append(change.new.hasNoNewPrivs ? " nnp=1" : " nnp=0")
    text.append(change.old.hasNoNewPrivs ? " old-nnp=1" : " old-nnp=0")
    field(" seccomp=", UInt32(change.new.seccomp), &text)
    field(" old-seccomp=", UInt32(change.old.seccomp), &text)
  }

  private static func append(resultOf record: ContainerRecord, to text: inout TextBuffer) {
    if record.isLate { text.append(" late=1") }
    guard let refusal = record.refusal else { return append(res: true, to: &text) }
    text.append(" res=0 errno=")
    text.append(refusal.name)
    text.endRecord()
  }

  /// The field names of the 2014 series, with full inode numbers.
  static func append(
    _ task: TaskSummary, dev: UInt64, isView: Bool = false, to text: inout TextBuffer
  ) {
    field("opid=", task.tid, hidden: isView, &text)
    text.append(" dev=")
    text.append(device: dev)
    for slot in NamespaceSlot.allCases {
      let inum = task.namespaces[slot.rawValue].inum
      number(infoName(of: slot), UInt64(inum), hidden: isView && inum == 0, &text)
    }
    append(" contid=", task.containers, isView: isView, to: &text)
    text.append(task.noNewPrivs ? " nnp=1 seccomp=" : " nnp=0 seccomp=")
    text.append(decimal: UInt64(task.seccomp))
    if isView { return text.append(" cgroup=?") }
    guard !task.cgroup.isEmpty else { return }
    text.append(" cgroup=")
    append(untrusted: task.cgroup.visible, to: &text)
  }

  private static func infoName(of slot: NamespaceSlot) -> StaticString {
    switch slot {
    case .mnt: " mntns="
    case .uts: " utsns="
    case .ipc: " ipcns="
    case .pid: " pidns="
    case .pidChildren: " pidns-children="
    case .user: " userns="
    case .net: " netns="
    case .cgroup: " cgroupns="
    case .time: " timens="
    case .timeChildren: " timens-children="
    }
  }

  /// - Parameter namespace: nil: none was made, or it is not known.
  private static func append(_ namespace: NamespaceID?, dev: UInt64, to text: inout TextBuffer) {
    guard let namespace else { return text.append(" dev=? ino=?") }
    text.append(" dev=")
    text.append(device: dev)
    field(" ino=", namespace.inum, &text)
  }

  /// - Parameter old: the task's namespace before; nil: not known.
  private static func append(old: NamespaceID?, dev: UInt64, to text: inout TextBuffer) {
    guard let old else { return text.append(" old-dev=? old-ino=?") }
    text.append(" old-dev=")
    text.append(device: dev)
    number(" old-ino=", UInt64(old.inum), &text)
  }

  /// `nsid=` always before `old-nsid=`: readers search for the shorter name first.
  private static func append(nsid record: NamespaceRecord, to text: inout TextBuffer) {
    let (new, old) = (record.namespace?.nsid ?? 0, record.old?.nsid ?? 0)
    guard new != 0 || old != 0 else { return }
    if new != 0 { number(" nsid=", new, &text) } else { text.append(" nsid=?") }
    if old != 0 { number(" old-nsid=", old, &text) }
  }

  /// Without a SYSCALL record the event's first record states the subject.
  private static func appendSubject(
    of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    guard event.call == nil, let subject = event.subject else { return }
    if event.isView { return append(seenSubjectOf: event, to: &text) }
    appendSubject(subject, event.program, to: &text)
  }

  /// Appends ` pid=4242 uid=0 auid=1000 ses=3 comm="unshare" exe="/usr/bin/unshare"`.
  static func appendSubject(
    _ subject: nst_subject, _ program: ProgramText, to text: inout TextBuffer
  ) {
    field(" pid=", subject.task.tgid, &text)
    field(" uid=", subject.uid, &text)
    field(" auid=", subject.auid, &text)
    field(" ses=", subject.ses, &text)
    append(subject, program, to: &text)
  }

  private static func append(
    _ subject: nst_subject, _ program: ProgramText, to text: inout TextBuffer
  ) {
    text.append(" comm=")
    unsafe subject.withComm { unsafe append(untrusted: $0, to: &text) }
    text.append(" exe=")
    append(program, to: &text)
  }

  private static func append(
    _ lost: LostRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    number("lost=", lost.count, hidden: event.hides(lost), &text)
    text.append(" kind=")
    text.append(lost.kindName)
    text.append(" since=")
    append(timeNs: lost.sinceNs, to: &text)
    text.append(lost.resynced ? " resynced=1" : " resynced=0")
    if let cause = lost.cause.name {
      text.append(" cause=")
      text.append(cause)
    }
    if let share = lost.share { append(share, to: &text) }
    append(res: true, to: &text)
  }

  private static func append(_ share: LostShare, to text: inout TextBuffer) {
    if let uid = share.uid { field(" uid=", uid, &text) } else { text.append(" uid=?") }
    text.append(" cgroup=")
    if share.cgroup.isEmpty { return text.append("?") }
    append(untrusted: share.cgroup.visible, to: &text)
  }

  private static func append(pinned: Bool?, to text: inout TextBuffer) {
    guard let pinned else { return text.append(" pinned=?") }
    text.append(pinned ? " pinned=yes" : " pinned=no")
  }

  static func append(res: Bool, to text: inout TextBuffer) {
    text.endRecord(res ? " res=1\n" : " res=0\n")
  }

  /// A number in a field that audit's dictionary names, as audit prints it.
  @inline(__always)
  static func field(_ name: StaticString, _ value: UInt32, _ text: inout TextBuffer) {
    text.append(name, decimal: UInt64(value))
  }

  /// A number in a field that audit's dictionary does not name, in quotes. laurel decodes an
  /// unquoted value that could be hexadecimal: 4026531838 would become `@&S\x188`.
  @inline(__always)
  static func number(_ name: StaticString, _ value: UInt64, _ text: inout TextBuffer) {
    text.append(name, quoted: value)
  }

  /// Container IDs in the same way: `name="4,^2,^1"`, or `name=-1` for none. A copy says `name=?`,
  /// because none and those that it hides look alike.
  static func append(
    _ name: StaticString, _ list: ContainerList, isView: Bool = false, to text: inout TextBuffer
  ) {
    text.append(name)
    if list.isUnset { return text.append(isView ? "?" : "-1") }
    text.append("\"")
    list.append(to: &text)
    text.append("\"")
  }

  private static func append(_ name: StaticString, _ id: ContainerID, to text: inout TextBuffer) {
    text.append(name)
    if id == .unset { return text.append("-1") }
    text.append("\"")
    id.append(to: &text)
    text.append("\"")
  }

  @inline(__always)
  private static func argument(_ name: StaticString, _ value: UInt64, _ text: inout TextBuffer) {
    text.append(name)
    text.append(hex: value)
  }
}

// MARK: - Text that the traced process chose

extension AuditLineFormat {
  /// In quotes; in hexadecimal if a byte could end the quotes, the field or the line
  /// (audit_string_contains_control in the kernel).
  static func append(untrusted value: some Collection<UInt8>, to text: inout TextBuffer) {
    guard value.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }) else {
      return text.append(encoded: value)
    }
    text.append("\"")
    text.append(raw: value)
    text.append("\"")
  }

  /// A terminal's name: it has no quotes, so other than plain bytes are left out.
  private static func append(plain value: [UInt8], to text: inout TextBuffer) {
    text.append(raw: value.filter { $0 > 0x20 && $0 < 0x7f })
  }

  /// The command line without the NULs that pad it, and without the other bytes at its end that the
  /// kernel (audit_proctitle_rtrim) counts as unprintable. Of bytes from 0x80 on it decides as
  /// Latin-1 does.
  private static func trimmed(_ proctitle: borrowing [UInt8]) -> ArraySlice<UInt8> {
    let end = proctitle.lastIndex { (0x20...0x7e).contains($0) || $0 >= 0xa0 }.map { $0 + 1 } ?? 0
    return proctitle[..<end]
  }
}
