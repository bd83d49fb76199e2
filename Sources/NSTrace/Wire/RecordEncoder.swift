// SPDX-License-Identifier: Apache-2.0

public import CNSWire

/// A record's struct on the wire, which begins with the header.
package protocol WireRecord {
  static var wireKind: nst_kind { get }
  init()
  var hdr: nst_header { get set }
}

extension nst_fork: WireRecord { package static var wireKind: nst_kind { NST_KIND_FORK } }
extension nst_exit: WireRecord { package static var wireKind: nst_kind { NST_KIND_EXIT } }
extension nst_task: WireRecord { package static var wireKind: nst_kind { NST_KIND_TASK } }
extension nst_clone: WireRecord { package static var wireKind: nst_kind { NST_KIND_CLONE } }
extension nst_switch: WireRecord { package static var wireKind: nst_kind { NST_KIND_SWITCH } }
extension nst_exec: WireRecord { package static var wireKind: nst_kind { NST_KIND_EXEC } }
extension nst_cgroup: WireRecord { package static var wireKind: nst_kind { NST_KIND_CGROUP } }
extension nst_cgroup_in: WireRecord {
  package static var wireKind: nst_kind { NST_KIND_CGROUP_IN }
}
extension nst_attach: WireRecord { package static var wireKind: nst_kind { NST_KIND_ATTACH } }
extension nst_freed: WireRecord { package static var wireKind: nst_kind { NST_KIND_FREED } }
extension nst_pinned: WireRecord { package static var wireKind: nst_kind { NST_KIND_PINNED } }
extension nst_host: WireRecord { package static var wireKind: nst_kind { NST_KIND_HOST } }
extension nst_users: WireRecord { package static var wireKind: nst_kind { NST_KIND_USERS } }
extension nst_confined: WireRecord {
  package static var wireKind: nst_kind { NST_KIND_CONFINED }
}
extension nst_clock: WireRecord { package static var wireKind: nst_kind { NST_KIND_CLOCK } }
extension nst_lost: WireRecord { package static var wireKind: nst_kind { NST_KIND_LOST } }
extension nst_suppressed: WireRecord {
  package static var wireKind: nst_kind { NST_KIND_SUPPRESSED }
}
extension nst_member: WireRecord { package static var wireKind: nst_kind { NST_KIND_MEMBER } }
extension nst_register: WireRecord { package static var wireKind: nst_kind { NST_KIND_REGISTER } }
extension nst_kept: WireRecord { package static var wireKind: nst_kind { NST_KIND_KEPT } }
extension nst_kept_session: WireRecord {
  package static var wireKind: nst_kind { NST_KIND_KEPT_SESSION }
}
extension nst_inside: WireRecord { package static var wireKind: nst_kind { NST_KIND_INSIDE } }
extension nst_stain: WireRecord { package static var wireKind: nst_kind { NST_KIND_STAIN } }
extension nst_audit: WireRecord { package static var wireKind: nst_kind { NST_KIND_AUDIT } }
extension nst_audit_lost: WireRecord {
  package static var wireKind: nst_kind { NST_KIND_AUDIT_LOST }
}
/// SNAPSHOT_BEGIN, unless `append` is given the kind SNAPSHOT_END.
extension nst_snapshot: WireRecord {
  package static var wireKind: nst_kind { NST_KIND_SNAPSHOT_BEGIN }
}

/// Encodes records as the kernel side does: for the records that user space adds, and for tests.
package struct RecordEncoder: Sendable {
  /// Whole records, one behind the other.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Forgets the records, keeping the buffer.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Appends `record` and its texts, and sets kind and size.
  /// - Precondition: the record is not larger than `NST_RECORD_BYTES_MAX`.
  package mutating func append<Record: WireRecord & BitwiseCopyable>(
    _ record: Record, kind: nst_kind = Record.wireKind, tail: [UInt8] = []
  ) {
    let bare = MemoryLayout<Record>.size + tail.count
    let size = (bare + 7) & ~7
    precondition(size <= Int(NST_RECORD_BYTES_MAX), "a record's texts are bounded by its kind")
    var record = record
    record.hdr.kind = kind.rawValue
    record.hdr.size = UInt32(size)
    unsafe withUnsafeBytes(of: record) { unsafe bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: tail)
    bytes.append(contentsOf: repeatElement(0, count: size - bare))
  }

  /// Appends an EXIT, in its long form if there is a subject.
  package mutating func append(_ record: nst_exit, subject: nst_subject?) {
    var record = record
    guard let subject else { return append(record) }
    record.hdr.flags |= UInt16(NST_FLAG_SUBJECT)
    append(record, tail: unsafe withUnsafeBytes(of: subject) { unsafe Array($0) })
  }
}
