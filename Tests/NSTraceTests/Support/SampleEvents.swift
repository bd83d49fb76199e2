// SPDX-License-Identifier: Apache-2.0

import CBPF

@testable import NSTrace

/// An event for each thing that the formats spell.
enum SampleEvents {
  static let newNet: UInt64 = 0x4000_0000

  static let created = AuditEvent.make(call: .make(flags: newNet), [.created()])

  static let changed = AuditEvent.make(
    call: .make(NST_OP_SETNS, args: (3, newNet, 0, 0)), [.changed()])

  static let destroyed = AuditEvent.make([.destroyed(.newMnt), .destroyed()])

  /// unshare(CLONE_NEWNS | CLONE_NEWNET): one record for each kind that was asked for.
  static let refused = AuditEvent.make(
    call: .make(flags: newNet | 0x0002_0000, result: -1),
    [
      .refused(.create, .mnt, from: .hostMnt, by: .unshare),
      .refused(.create, .net, from: .hostNet, by: .unshare),
    ])

  /// setns(fd, 0) with a descriptor of something else.
  static let refusedWithoutKind = AuditEvent.make(
    call: .make(NST_OP_SETNS, result: -22, args: (7, 0, 0, 0)), proctitle: [],
    [.refused(.change, nil, from: nil, by: .setns)])

  static let lost = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 5, kind: NST_KIND_FORK.rawValue, sinceNs: AuditEvent.sampleTimeNs - 1_000_000,
      resynced: false))

  static let resynced = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 1 << 40, kind: nil, sinceNs: AuditEvent.sampleTimeNs - 1_000_000, resynced: true))

  /// A kernel before 6.18, a task without a terminal, a program that is not known, no login.
  static let bare = AuditEvent.make(
    call: .make(NST_OP_CLONE3, flags: newNet, result: 4243, args: (0x7ffd_0000_0000, 88, 0, .max)),
    subject: .make(auid: .max, ses: .max, tty: []), exe: [], proctitle: [],
    [.created(NamespaceID.newNet.withoutID, from: .hostNet.withoutID, by: .clone3, opid: 4243)])

  /// The first task in a namespace whose place before is not known; nobody is known to have done it.
  static let late = AuditEvent.make(
    subject: nil, exe: [], proctitle: [], [.created(from: nil, by: .late)])

  static let all = [
    created, changed, destroyed, refused, refusedWithoutKind, lost, resynced, bare, late,
  ]
}
