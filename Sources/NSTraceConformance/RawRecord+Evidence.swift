// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension RawRecord {
  /// The system call in the record.
  var call: nst_call? {
    switch self {
    case .clone(let record, _): record.call
    case .switchNamespaces(let record, _): record.call
    case .exec(let record, _, _): record.call
    case .fork, .exit, .task, .cgroup, .cgroupIn, .attach, .freed, .pinned, .users, .confined,
      .host, .clock, .snapshotBegin, .snapshotEnd, .lost, .suppressed, .member, .register, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost, .unknown:
      nil
    }
  }

  /// The task's subject in the record.
  var subject: nst_subject? {
    switch self {
    case .clone(let record, _): record.subject
    case .switchNamespaces(let record, _): record.subject
    case .exec(let record, _, _): record.subject
    case .task(let record, _): record.subject
    case .exit(_, let subject): subject
    case .fork, .cgroup, .cgroupIn, .attach, .freed, .pinned, .users, .confined, .host, .clock,
      .snapshotBegin, .snapshotEnd, .lost, .suppressed, .member, .register, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost, .unknown:
      nil
    }
  }

  /// The request of a registration.
  var request: nst_register? {
    if case .register(let record, _) = self { record } else { nil }
  }
}

extension nst_task {
  /// Whether a walk for the users of a namespace found the task. Nothing has happened to it.
  var isOfCensus: Bool { hdr.flags & UInt16(NST_FLAG_CENSUS) != 0 }
}

extension nst_register {
  var id: ContainerID { ContainerID(high: contid_high, low: contid_low) }

  /// Whether a process asks for itself, and nobody besides.
  var isForItself: Bool { caller_tid == target_tid && !has(NST_REGISTER_DESCENDANTS) }

  func has(_ flag: Int32) -> Bool { Int32(flags) & flag != 0 }
}
