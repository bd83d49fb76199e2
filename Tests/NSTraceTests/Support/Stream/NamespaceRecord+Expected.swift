// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Short spellings of the records that a test expects.
extension NamespaceRecord {
  static func created(
    _ op: NSTrace.Operation, _ namespace: NamespaceID, from old: NamespaceID, opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .create, op: op, kind: namespace.kind, namespace: namespace, old: old, opid: opid)
  }

  static func changed(
    _ op: NSTrace.Operation, _ namespace: NamespaceID, from old: NamespaceID, opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .change, op: op, kind: namespace.kind, namespace: namespace, old: old, opid: opid)
  }

  static func destroyed(
    _ op: NSTrace.Operation, _ namespace: NamespaceID, opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .destroy, op: op, kind: namespace.kind, namespace: namespace, old: nil, opid: opid)
  }

  static func refused(
    _ verb: Verb, _ op: NSTrace.Operation, _ kind: NamespaceKind?, at old: NamespaceID?,
    opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: verb, op: op, kind: kind, namespace: nil, old: old, opid: opid, granted: false)
  }
}
