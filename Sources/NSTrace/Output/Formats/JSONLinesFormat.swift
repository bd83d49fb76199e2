// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Writes records as JSON Lines: one object a record, keys in a fixed order, the names of the audit
/// fields with `_` for `-`. `docs/records.schema.json` describes every type.
package struct JSONLinesFormat: RecordFormat {
  package init() {}

  /// The parts that all records of an event share, by their range in the text once they are made.
  private struct Common {
    var stamp: Range<Int>?
    var subject: Range<Int>?
  }

  package mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer) {
    var common = Common()
    if let call = event.call, let subject = event.subject, !event.omitsCall {
      Self.begin(.syscall, event, &common, &text)
      if event.isView {
        Self.append(call, seenBy: event, to: &text)
      } else {
        Self.append(call, subject, event.program, to: &text)
      }
      if event.writesMentionOfActor { Self.number("record", 1 as UInt64, &text) }
      text.endRecord("}\n")
    }
    let namespaces = event.namespaces.span
    for index in namespaces.indices {
      Self.begin(RecordType(namespaces[index].verb), event, &common, &text)
      Self.append(namespaces[index], event, &common, to: &text)
      text.endRecord("}\n")
    }
    if let lost = event.lost {
      Self.begin(.nsLost, event, &common, &text)
      Self.append(lost, of: event, to: &text)
      text.endRecord("}\n")
    }
    Self.writeContainers(of: event, &common, to: &text)
    if let record = event.lifecycle {
      Self.begin(RecordType(record.step), event, &common, &text)
      Self.append(record, event, &common, to: &text)
      text.endRecord("}\n")
    }
    if event.call != nil, !event.proctitle.isEmpty {
      Self.begin(.proctitle, event, &common, &text)
      Self.appendSubject(of: event, &common, to: &text)
      let isCut = event.isProctitleCut
      let title = BoundedText(Self.commandLine(event.proctitle), cut: isCut ? .end : nil)
      Self.string("proctitle", "proctitle_cut", title, &text)
      text.endRecord("}\n")
    }
  }

  /// CONTAINER_SESSION, NS_INFO, CONTAINER_OP and CONTAINER_ID.
  private static func writeContainers(
    of event: borrowing AuditEvent, _ common: inout Common, to text: inout TextBuffer
  ) {
    for record in event.sessions {
      begin(.containerSession, event, &common, &text)
      append(record, of: event, to: &text)
      text.endRecord("}\n")
    }
    if let info = event.info, !event.containers.isEmpty {
      begin(.nsInfo, event, &common, &text)
      append(info, event, &common, to: &text)
      text.endRecord("}\n")
    }
    for record in event.containers {
      begin(.containerOp, event, &common, &text)
      append(record, event, &common, to: &text)
      text.endRecord("}\n")
    }
    for (index, mention) in event.writtenMentions.enumerated() {
      begin(.containerID, event, &common, &text)
      number("record", UInt64(index + 1), &text)
      appendSubject(of: event, &common, to: &text)
      append(mention, to: &text)
      text.endRecord("}\n")
    }
  }

  private static func begin(
    _ type: RecordType, _ event: borrowing AuditEvent, _ common: inout Common,
    _ text: inout TextBuffer
  ) {
    text.append("{\"type\":\"")
    text.append(type.name)
    text.append("\"")
    let (timeNs, serial) = (event.timeNs, event.serial)
    text.append(once: &common.stamp) {
      time("time", timeNs, &$0)
      number("serial", serial, &$0)
    }
  }
}

// MARK: - The fields of each record

extension JSONLinesFormat {
  private static func append(
    _ call: nst_call, _ subject: nst_subject, _ program: ProgramText, to text: inout TextBuffer
  ) {
    hex("arch", UInt64(call.arch), &text)
    number("syscall", call.number, &text)
    boolean("success", call.result >= 0, &text)
    appendDetails(of: call, to: &text)
    number("items", 0 as UInt32, &text)
    number("ppid", subject.ppid, &text)
    number("pid", subject.task.tgid, &text)
    number("auid", subject.auid, &text)
    append(credentialsOf: subject, to: &text)
    let tty = subject.ttyBytes
    if !tty.isEmpty { string("tty", tty, &text) }
    number("ses", subject.ses, &text)
    unsafe subject.withComm { unsafe string("comm", $0, &text) }
    append(program, to: &text)
    text.append(",\"key\":\"nstrace\"")
  }

  static func append(credentialsOf subject: nst_subject, to text: inout TextBuffer) {
    number("uid", subject.uid, &text)
    number("gid", subject.gid, &text)
    number("euid", subject.euid, &text)
    number("suid", subject.suid, &text)
    number("fsuid", subject.fsuid, &text)
    number("egid", subject.egid, &text)
    number("sgid", subject.sgid, &text)
    number("fsgid", subject.fsgid, &text)
  }

  /// The result and the arguments.
  static func appendDetails(of call: nst_call, to text: inout TextBuffer) {
    key("exit", &text)
    text.append(signed: call.result)
    hex("a0", call.args.0, &text)
    hex("a1", call.args.1, &text)
    hex("a2", call.args.2, &text)
    hex("a3", call.args.3, &text)
  }

  private static func append(
    _ record: NamespaceRecord, _ event: borrowing AuditEvent, _ common: inout Common,
    to text: inout TextBuffer
  ) {
    name("op", record.op.name, &text)
    if let kind = record.kind { name("nstype", kind.name, &text) }
    if let namespace = record.namespace {
      device("dev", event.nsfsDev, &text)
      number("ino", namespace.inum, &text)
    } else {
      text.append(",\"ino\":null")
    }
    if let old = record.old {
      device("old_dev", event.nsfsDev, &text)
      number("old_ino", old.inum, &text)
    }
    if let nsid = record.namespace?.nsid, nsid != 0 { number("nsid", nsid, &text) }
    if let nsid = record.old?.nsid, nsid != 0 { number("old_nsid", nsid, &text) }
    number("opid", record.opid, hidden: event.isView, &text)
    appendSubject(of: event, &common, to: &text)
    containers("contid", record.containers, isView: event.isView, &text)
    if let session = record.session { number("cses", session, &text) }
    if let hash = record.setHash { identity("nshash", hash, &text) }
    if record.printsList { appendUsers(of: record, isView: event.isView, &text) }
    if record.verb == .destroy { pinned(record.isPinned, &text) }
    boolean("res", record.granted, &text)
  }

  private static func appendUsers(
    of record: NamespaceRecord, isView: Bool, _ text: inout TextBuffer
  ) {
    if record.listedIn != 0 { return number("ns_contid_in", record.listedIn, &text) }
    containers("ns_contid", record.namespaceContainers, isView: isView, &text)
  }

  private static func pinned(_ value: Bool?, _ text: inout TextBuffer) {
    if let value { boolean("pinned", value, &text) } else { text.append(",\"pinned\":null") }
  }

  private static func append(
    _ task: TaskSummary, _ event: borrowing AuditEvent, _ common: inout Common,
    to text: inout TextBuffer
  ) {
    number("opid", task.tid, hidden: event.isView, &text)
    device("dev", event.nsfsDev, &text)
    for slot in NamespaceSlot.allCases {
      let inum = task.namespaces[slot.rawValue].inum
      number(infoKey(of: slot), inum, hidden: event.isView && inum == 0, &text)
    }
    appendSubject(of: event, &common, to: &text)
    containers("contid", task.containers, isView: event.isView, &text)
    boolean("nnp", task.noNewPrivs, &text)
    number("seccomp", UInt64(task.seccomp), &text)
    if !event.isView, !task.cgroup.isEmpty { string("cgroup", "cgroup_cut", task.cgroup, &text) }
    boolean("res", true, &text)
  }

  private static func infoKey(of slot: NamespaceSlot) -> StaticString {
    switch slot {
    case .mnt: "mntns"
    case .uts: "utsns"
    case .ipc: "ipcns"
    case .pid: "pidns"
    case .pidChildren: "pidns_children"
    case .user: "userns"
    case .net: "netns"
    case .cgroup: "cgroupns"
    case .time: "timens"
    case .timeChildren: "timens_children"
    }
  }

  private static func append(
    _ record: ContainerRecord, _ event: borrowing AuditEvent, _ common: inout Common,
    to text: inout TextBuffer
  ) {
    name("op", record.verb.name, &text)
    number("opid", record.opid, hidden: event.isView, &text)
    appendSubject(of: event, &common, to: &text)
    let new = record.id == .unset ? ContainerList() : ContainerList([.init(record.id)])
    containers("contid", new, isView: event.isView && record.verb == .set, &text)
    containers("old_contid", record.old, isView: event.isView, &text)
    if !record.name.isEmpty { string("name", record.name, &text) }
    if let source = record.source { name("contid_src", source.name, &text) }
    if let change = record.confinement { append(change, to: &text) }
    if let cgroup = record.cgroup { append(cgroup, to: &text) }
    if record.isLate { boolean("late", true, &text) }
    boolean("res", record.granted, &text)
    if let refusal = record.refusal { name("errno", refusal.name, &text) }
  }

  /// The path of a cgroup record: null if it is not known.
  private static func append(_ cgroup: BoundedText, to text: inout TextBuffer) {
    if cgroup.isEmpty { return text.append(",\"cgroup\":null") }
    string("cgroup", "cgroup_cut", cgroup, &text)
  }

  private static func append(_ change: ContainerConfinement.Change, to text: inout TextBuffer) {
    boolean("nnp", change.new.hasNoNewPrivs, &text)
    boolean("old_nnp", change.old.hasNoNewPrivs, &text)
    number("seccomp", UInt32(change.new.seccomp), &text)
    number("old_seccomp", UInt32(change.old.seccomp), &text)
  }

  private static func append(
    _ record: LifecycleRecord, _ event: borrowing AuditEvent, _ common: inout Common,
    to text: inout TextBuffer
  ) {
    switch record.step {
    case .machineID: break
    case .resource(let namespace):
      name("resrc", "ns", &text)
      name("reason", "start", &text)
      name("nstype", namespace.kind.name, &text)
      number("ino", namespace.inum, &text)
    case .start:
      name("op", "start", &text)
      name("reason", "booted", &text)
      number("vm_pid", record.pid, hidden: event.isView, &text)
    case .stop:
      name("op", "stop", &text)
      name("reason", "shutdown", &text)
    }
    appendSubject(of: event, &common, to: &text)
    name("virt", "lxc", &text)
    string("vm", record.machineName, &text)
    key("uuid", &text)
    text.append("\"")
    record.id.append(uuid: &text)
    text.append("\"")
    boolean("res", record.granted, &text)
  }

  private static func append(_ share: LostShare, to text: inout TextBuffer) {
    if let uid = share.uid { number("uid", uid, &text) }
    append(share.cgroup, to: &text)
  }

  private static func append(
    _ lost: LostRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    number("lost", lost.count, hidden: event.hides(lost), &text)
    name("kind", lost.kindName, &text)
    time("since", lost.sinceNs, &text)
    boolean("resynced", lost.resynced, &text)
    if let cause = lost.cause.name { name("cause", cause, &text) }
    if let share = lost.share { append(share, to: &text) }
    boolean("res", true, &text)
  }

  private static func appendSubject(
    of event: borrowing AuditEvent, _ common: inout Common, to text: inout TextBuffer
  ) {
    if event.isView { return append(seenSubjectOf: event, to: &text) }
    guard let subject = event.subject else { return }
    let program = event.program
    text.append(once: &common.subject) { text in
      number("pid", subject.task.tgid, &text)
      number("uid", subject.uid, &text)
      number("auid", subject.auid, &text)
      number("ses", subject.ses, &text)
      unsafe subject.withComm { unsafe string("comm", $0, &text) }
      append(program, to: &text)
    }
  }

  /// The command line as `ausearch -i` shows it: with spaces between the arguments.
  static func commandLine(_ proctitle: borrowing [UInt8]) -> [UInt8] {
    let end = proctitle.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    return proctitle[..<end].map { $0 == 0 ? UInt8(ascii: " ") : $0 }
  }
}

// MARK: - Values

extension JSONLinesFormat {
  @inline(__always)
  static func key(_ key: StaticString, _ text: inout TextBuffer) {
    text.append(key: key)
  }

  @inline(__always)
  static func number(_ key: StaticString, _ value: UInt32, _ text: inout TextBuffer) {
    number(key, UInt64(value), &text)
  }

  @inline(__always)
  static func number(_ key: StaticString, _ value: UInt64, _ text: inout TextBuffer) {
    text.append(key: key, decimal: value)
  }

  /// Registers and architectures: a string of the hexadecimal digits that audit prints.
  @inline(__always)
  static func hex(_ key: StaticString, _ value: UInt64, _ text: inout TextBuffer) {
    Self.key(key, &text)
    text.append("\"")
    text.append(hex: value)
    text.append("\"")
  }

  /// A string, because 128 bits do not fit a JSON number.
  private static func identity(
    _ key: StaticString, _ value: NamespaceHash, _ text: inout TextBuffer
  ) {
    Self.key(key, &text)
    text.append("\"")
    value.append(to: &text)
    text.append("\"")
  }

  @inline(__always)
  static func boolean(_ key: StaticString, _ value: Bool, _ text: inout TextBuffer) {
    Self.key(key, &text)
    text.append(value ? "true" : "false")
  }

  /// Strings, because 128 bits do not fit a JSON number; innermost first.
  static func containers(
    _ key: StaticString, _ list: ContainerList, isView: Bool = false, _ text: inout TextBuffer
  ) {
    if isView, list.isUnset { return }
    containers(key, list.elements.lazy.map(\.id), &text)
  }

  static func containers(
    _ key: StaticString, _ ids: some Collection<ContainerID>, _ text: inout TextBuffer
  ) {
    Self.key(key, &text)
    text.append("[")
    for (index, id) in ids.enumerated() {
      if index > 0 { text.append(",") }
      text.append("\"")
      id.append(to: &text)
      text.append("\"")
    }
    text.append("]")
  }

  @inline(__always)
  static func name(_ key: StaticString, _ value: StaticString, _ text: inout TextBuffer) {
    Self.key(key, &text)
    text.append("\"")
    text.append(value)
    text.append("\"")
  }

  static func device(_ key: StaticString, _ value: UInt64, _ text: inout TextBuffer) {
    Self.key(key, &text)
    text.append("\"")
    text.append(device: value)
    text.append("\"")
  }

  static func time(_ key: StaticString, _ timeNs: Int64, _ text: inout TextBuffer) {
    Self.key(key, &text)
    text.append("\"")
    Timestamp(timeNs).appendRFC3339(to: &text)
    text.append("\"")
  }

  static func string(
    _ key: StaticString, _ value: some Collection<UInt8>, _ text: inout TextBuffer
  ) {
    Self.key(key, &text)
    string(value, &text)
  }

  /// - Parameter cutKey: a key that is true if the text is not whole.
  static func string(
    _ key: StaticString, _ cutKey: StaticString, _ value: BoundedText, _ text: inout TextBuffer
  ) {
    string(key, value.visible, &text)
    if value.isCut { boolean(cutKey, true, &text) }
  }

  static func string(_ value: some Collection<UInt8>, _ text: inout TextBuffer) {
    JSONText.append(string: value, to: &text)
  }
}
