// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// An audit event as read from its text: the lines of one serial, as far as a clause concerns them.
/// A line that cannot be read is left out.
struct PrintedEvent {
  var serial: UInt64
  /// The SYSCALL record.
  var call: PrintedRecord?
  var namespaces: [NamespaceRecord] = []
  /// The devices that the records name.
  var devices: Set<UInt64> = []
  var info: Info?
  var containers: [ContainerRecord] = []
  /// The CONTAINER_SESSION records.
  var sessions: [PrintedSession] = []
  /// The CONTAINER_ID records, in the order of their numbers; empty unless numbered from 1.
  var mentions: [ContainerMention] = []
  var lifecycle: Lifecycle?
  var isLoss = false

  /// An NS_INFO record.
  struct Info {
    var tid: UInt32
    /// Inode numbers, by slot.
    var inums: [UInt32]
    var containers: ContainerList
    var noNewPrivs: Bool
    var seccomp: UInt16
  }

  /// A VIRT_MACHINE_ID, VIRT_RESOURCE or VIRT_CONTROL record.
  struct Lifecycle: Hashable {
    var type: RecordType
    /// The operation of VIRT_CONTROL: start or stop.
    var op: String?
    /// The resource of VIRT_RESOURCE, such as `uts 4026531838`.
    var resource: String?
    var machine: [UInt8]
    var id: ContainerID
    /// The process of a start.
    var pid: UInt64?
    var granted: Bool
  }

  /// Reads the events of whole lines.
  static func read(_ text: [UInt8], as spelling: Spelling) -> [PrintedEvent] {
    var events: [PrintedEvent] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let record: PrintedRecord? =
        switch spelling {
        case .audit: PrintedRecord(auditLine: line)
        case .json: PrintedRecord(jsonLine: line)
        }
      guard let record else { continue }
      if events.last?.serial != record.serial { events.append(PrintedEvent(serial: record.serial)) }
      events[events.count - 1].add(record)
    }
    return events
  }
}

// MARK: - By type

extension PrintedEvent {
  private mutating func add(_ record: PrintedRecord) {
    switch record.type {
    case .syscall: call = record
    case .nsCreate: add(record, .create)
    case .nsChange: add(record, .change)
    case .nsDestroy: add(record, .destroy)
    case .nsInfo: info = Self.info(record)
    case .containerID:
      guard record.number("record") == UInt64(mentions.count + 1),
        let mention = Self.mention(record)
      else { return }
      mentions.append(mention)
    case .containerSession: if let record = PrintedSession(record) { sessions.append(record) }
    case .containerOp: if let record = Self.container(record) { containers.append(record) }
    case .nsLost: isLoss = true
    case .virtControl, .virtResource, .virtMachineID: lifecycle = Self.lifecycle(record)
    case .proctitle: break
    }
    for name in ["dev", "old-dev"] as [StaticString] {
      if let device = record.device(name) { devices.insert(device) }
    }
  }

  /// The IDs, with the session that is inside them; nil: `rel=` does not fit `cses=`.
  private static func mention(_ record: PrintedRecord) -> ContainerMention? {
    guard let list = record.list("contid") else { return nil }
    let session = record.number("cses").flatMap { UInt32(exactly: $0) }
    guard record.word("rel") == (record["cses"] == nil ? "member" : "inside"),
      (session == nil) == (record["cses"] == nil)
    else { return nil }
    return ContainerMention(list, session: session)
  }

  private mutating func add(_ record: PrintedRecord, _ verb: NamespaceRecord.Verb) {
    guard let op = record.word("op").flatMap(Operation.init(name:)),
      let opid = Self.task(record, "opid"), let granted = record.boolean("res"),
      let containers = record.list("contid")
    else { return }
    let kind = record.word("nstype").flatMap(NamespaceKind.init(name:))
    var read = NamespaceRecord(
      verb: verb, op: op, kind: kind, namespace: nil, old: nil, opid: opid, granted: granted,
      containers: containers)
    if let kind {
      read.namespace = Self.namespace(record, kind, "dev", "ino", "nsid")
      read.old = Self.namespace(record, kind, "old-dev", "old-ino", "old-nsid")
    }
    read.namespaceContainers = record.list("ns-contid") ?? ContainerList()
    read.session = record.number("cses").flatMap { UInt32(exactly: $0) }
    read.setHash = record.hash("nshash")
    namespaces.append(read)
  }

  /// The namespace; nil: none was made, or it is not known.
  private static func namespace(
    _ record: PrintedRecord, _ kind: NamespaceKind, _ dev: StaticString, _ ino: StaticString,
    _ nsid: StaticString
  ) -> NamespaceID? {
    guard record.device(dev) != nil, let inum = record.number(ino).flatMap({ UInt32(exactly: $0) })
    else { return nil }
    return NamespaceID(kind: kind, inum: inum, nsid: record.number(nsid) ?? 0)
  }

  private static func task(_ record: PrintedRecord, _ name: StaticString) -> UInt32? {
    record.number(name).flatMap { UInt32(exactly: $0) }
  }

  private static func info(_ record: PrintedRecord) -> Info? {
    guard let tid = task(record, "opid"), let containers = record.list("contid"),
      let noNewPrivs = record.boolean("nnp"),
      let seccomp = record.number("seccomp").flatMap({ UInt16(exactly: $0) })
    else { return nil }
    let inums = NamespaceSlot.allCases.compactMap { task(record, $0.infoName) }
    guard inums.count == NamespaceSlot.allCases.count else { return nil }
    return Info(
      tid: tid, inums: inums, containers: containers, noNewPrivs: noNewPrivs, seccomp: seccomp)
  }

  private static func container(_ record: PrintedRecord) -> ContainerRecord? {
    guard let op = record.word("op"), let verb = ContainerRecord.Verb(name: op),
      let opid = task(record, "opid"), let id = record.id("contid"),
      let old = record.list("old-contid"), let granted = record.boolean("res")
    else { return nil }
    let refusal = RegistrationError.allCases.first { "\($0.name)" == record.word("errno") }
    guard granted == (record["errno"] == nil), granted == (refusal == nil) else { return nil }
    let source = record.word("contid-src").flatMap(ContainerRecord.Source.init(name:))
    guard (source == nil) == (record["contid-src"] == nil) else { return nil }
    var read = ContainerRecord(
      verb: verb, opid: opid, id: id, old: old, name: record.string("name") ?? [],
      source: source, refusal: refusal, confinement: confinement(record),
      cgroup: record["cgroup"] == nil ? nil : cgroup(record))
    read.isLate = record.boolean("late") == true
    return read
  }

  /// The path as written. Only JSON says that it is cut. Empty: not known.
  private static func cgroup(_ record: PrintedRecord) -> BoundedText {
    BoundedText(
      record.string("cgroup") ?? [], cut: record.boolean("cgroup-cut") == true ? .front : nil)
  }

  /// The change that op=update records; nil: a part of it is missing.
  private static func confinement(_ record: PrintedRecord) -> ContainerConfinement.Change? {
    guard let new = confinement(record, "nnp", "seccomp"),
      let old = confinement(record, "old-nnp", "old-seccomp")
    else { return nil }
    return ContainerConfinement.Change(new: new, old: old)
  }

  private static func confinement(
    _ record: PrintedRecord, _ nnp: StaticString, _ seccomp: StaticString
  ) -> ContainerConfinement? {
    guard let has = record.boolean(nnp),
      let mode = record.number(seccomp).flatMap({ UInt16(exactly: $0) })
    else { return nil }
    return ContainerConfinement(hasNoNewPrivs: has, seccomp: mode)
  }

  private static func lifecycle(_ record: PrintedRecord) -> Lifecycle? {
    guard let machine = record.string("vm"), let id = record.id("uuid"),
      let granted = record.boolean("res")
    else { return nil }
    let op = record.word("op")
    return Lifecycle(
      type: record.type, op: op, resource: resource(record), machine: machine, id: id,
      pid: op == "start" ? record.number("vm-pid") : nil, granted: granted)
  }

  /// The resource. In audit lines `new-ns="uts:[4026531838]"` has the number.
  private static func resource(_ record: PrintedRecord) -> String? {
    guard record.type == .virtResource, let kind = record.word("nstype") else { return nil }
    if let inum = record.word("ino") { return "\(kind) \(inum)" }
    guard let link = record.word("new-ns"), link.hasPrefix("\(kind):["), link.hasSuffix("]") else {
      return nil
    }
    return "\(kind) \(link.dropFirst(kind.utf8.count + 2).dropLast())"
  }
}

extension NamespaceSlot {
  /// The kind's name in NS_INFO.
  fileprivate var infoName: StaticString {
    switch self {
    case .mnt: "mntns"
    case .uts: "utsns"
    case .ipc: "ipcns"
    case .pid: "pidns"
    case .pidChildren: "pidns-children"
    case .user: "userns"
    case .net: "netns"
    case .cgroup: "cgroupns"
    case .time: "timens"
    case .timeChildren: "timens-children"
    }
  }
}
