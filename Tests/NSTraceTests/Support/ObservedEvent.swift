// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// What an audit event says, as far as the state is concerned.
struct ObservedEvent: Equatable {
  var serial: UInt64
  var timeNs: Int64
  /// The tid of who did it.
  var actor: UInt32?
  var exe: [UInt8] = []
  var records: [NamespaceRecord] = []
  var lost: LostRecord?

  /// A line for each record: `create unshare uts 2: 101 <- 2`.
  var lines: [String] {
    records.map(\.line) + (lost.map { [$0.line] } ?? [])
  }
}

extension NamespaceRecord {
  var line: String {
    let kind = kind.map { "\($0)" } ?? "?"
    let old = verb == .destroy ? "" : " <- \(old?.text ?? "?")"
    return "\(verb) \(op) \(kind) \(opid): \(namespace?.text ?? "?")\(old)"
      + (granted ? "" : " refused")
  }
}

extension NamespaceID {
  /// The inode number, and behind # the ns_id where there is one.
  var text: String { nsid == 0 ? "\(inum)" : "\(inum)#\(nsid)" }
}

extension LostRecord {
  var line: String { "lost \(count) \(kindName)" + (resynced ? " resynced" : "") }
}
