// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

extension SessionTable.Session {
  /// A session that began before the stream did; nil: no session is so.
  init?(_ event: nst_kept_session, exe: RawSpan) {
    let ids = event.containerIDs
    guard event.session != 0, !ids.isEmpty else { return nil }
    containers = ContainerList(ids.map { ContainerList.Element($0) })
    entrant = EventActor(event)
    self.exe = [UInt8](exe)
    exeMarks = ProgramMarks(exeFlags: event.exe_flags)
    if event.flags & UInt16(NST_SESSION_SETTING_UP) != 0 { settingUp = .unset }
    way = SessionRecord.Way(event.wayOp, event.wayKinds)
    opid = event.opid
    beganNs = event.began_ns
  }

  /// As in the stream of the next tracer. The program comes behind it.
  func record(of number: SessionTable.Number) -> nst_kept_session {
    var record = nst_kept_session()
    (record.session, record.opid, record.began_ns) = (number, opid, beganNs)
    record.set(containers.elements.map(\.id))
    if let entrant { record.set(entrant) }
    record.set(way)
    if settingUp != nil { record.flags |= UInt16(NST_SESSION_SETTING_UP) }
    record.exe_flags = exeMarks.exeFlags
    record.exe_bytes = UInt16(min(exe.count, Int(NST_PATH_BYTES)))
    return record
  }
}

extension nst_kept_session {
  /// The containers, by ID, each once.
  fileprivate var containerIDs: [ContainerID] {
    let halves = unsafe withUnsafeBytes(of: contids) {
      unsafe Array($0.bindMemory(to: UInt64.self))
    }
    let count = min(Int(containers), Int(NST_SESSION_CONTAINERS))
    let ids = (0..<count).map { ContainerID(high: halves[2 * $0], low: halves[2 * $0 + 1]) }
    return Set(ids).filter { !$0.isUnset }.sorted()
  }

  fileprivate mutating func set(_ ids: [ContainerID]) {
    containers = UInt16(ids.count)
    let halves = ids.flatMap { [$0.high, $0.low] }
    unsafe withUnsafeMutableBytes(of: &contids) { place in
      unsafe halves.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
    }
  }

  fileprivate mutating func set(_ entrant: EventActor) {
    (tid, tgid, ppid) = (entrant.tid, entrant.pid, entrant.ppid)
    (uid, auid, ses) = (entrant.uid, entrant.auid, entrant.session)
    unsafe withUnsafeMutableBytes(of: &comm) { unsafe $0.copyBytes(from: entrant.comm) }
  }

  fileprivate var wayOp: Operation {
    switch nst_op(rawValue: op) {
    case NST_OP_CLONE: .clone
    case NST_OP_CLONE3: .clone3
    case NST_OP_SETNS: .setns
    case NST_OP_EXEC: .exec
    // unshare enters no namespace.
    default: flags & UInt16(NST_SESSION_RESYNC) == 0 ? .late : .resync
    }
  }

  fileprivate var wayKinds: [NamespaceKind] {
    NamespaceKind.allCases.filter { kinds & 1 << UInt16($0.rawValue) != 0 }
  }

  fileprivate mutating func set(_ way: SessionRecord.Way) {
    kinds = way.kinds.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
    switch way.op {
    case .clone: op = NST_OP_CLONE.rawValue
    case .clone3: op = NST_OP_CLONE3.rawValue
    case .setns: op = NST_OP_SETNS.rawValue
    case .exec: op = NST_OP_EXEC.rawValue
    case .resync: flags |= UInt16(NST_SESSION_RESYNC)
    // Nobody comes in by these.
    case .late, .unshare, .exit, .assign, .release, nil: break
    }
  }
}
