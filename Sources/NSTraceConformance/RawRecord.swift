// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A wire record, copied out of its batch; of the texts only those that are judged.
enum RawRecord {
  case fork(nst_fork)
  case exit(nst_exit, subject: nst_subject?)
  case task(nst_task)
  case clone(nst_clone)
  case change(nst_switch)
  case exec(nst_exec)
  case host(nst_host)
  case snapshotBegin
  case snapshotEnd
  case lost
  case freed(nst_freed)
  case confined(nst_confined)
  case cgroup(nst_cgroup, path: [UInt8])
  case cgroupIn(nst_cgroup_in, name: [UInt8])
  case attach(nst_attach)
  case member(nst_member)
  case register(nst_register, name: [UInt8])
  /// The clock, and kinds that nobody knows: they are no evidence.
  case other

  /// The system call that the record is about.
  var call: nst_call? {
    switch self {
    case .clone(let record): record.call
    case .change(let record): record.call
    case .exec(let record): record.call
    case .fork, .exit, .task, .host, .snapshotBegin, .snapshotEnd, .lost, .freed, .confined,
      .cgroup,
      .cgroupIn, .attach, .member, .register, .other:
      nil
    }
  }

  /// Who the record says it was.
  var subject: nst_subject? {
    switch self {
    case .clone(let record): record.subject
    case .change(let record): record.subject
    case .exec(let record): record.subject
    case .task(let record): record.subject
    case .exit(_, let subject): subject
    case .fork, .host, .snapshotBegin, .snapshotEnd, .lost, .freed, .confined, .cgroup, .cgroupIn,
      .attach, .member, .register, .other:
      nil
    }
  }

  /// What is asked for in a registration.
  var request: nst_register? {
    if case .register(let record, _) = self { record } else { nil }
  }
}

extension nst_register {
  var id: ContainerID { ContainerID(high: contid_high, low: contid_low) }

  func has(_ flag: Int32) -> Bool { Int32(flags) & flag != 0 }
}
