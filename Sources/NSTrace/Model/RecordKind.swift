// SPDX-License-Identifier: Apache-2.0

/// The kinds of wire records that this version knows, numbered as on the wire (`enum nst_kind`).
///
/// Swift imports the C enum as a number of any value. A switch over this type names each kind, so a
/// new kind compiles only once each switch handles it. Nil is a kind of a newer writer.
package enum RecordKind: UInt16, CaseIterable, Sendable {
  case fork = 1
  case exit, task, clone, switchNamespaces, exec, cgroup, attach, freed, cgroupIn
  case host = 64
  case clock, snapshotBegin, snapshotEnd, lost, register, member, pinned, users, confined,
    suppressed, kept, keptSession, inside, stain, audit, auditLost
}
