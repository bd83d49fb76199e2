// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// The kernel side's records in a stream, by kind: how many were read, and how many are reported as
/// lost.
struct KindCounts: Equatable {
  var seen: [UInt16: UInt64] = [:]
  var lost: [UInt16: UInt64] = [:]

  /// Without the kinds that user space writes: walks report cgroups in records that do not pass the
  /// ring.
  static let kinds = 1..<NST_KIND_CGROUP.rawValue

  mutating func add(_ batch: borrowing RecordBatch) {
    batch.withBytes { bytes in
      var offset = 0
      while offset < bytes.byteCount {
        let header = bytes.unsafeLoad(fromByteOffset: offset, as: nst_header.self)
        if header.kind == NST_KIND_LOST.rawValue {
          let record = bytes.unsafeLoad(fromByteOffset: offset, as: nst_lost.self)
          lost[record.kind, default: 0] += UInt64(record.count)
        } else if Self.isFromTheRing(header) {
          seen[header.kind, default: 0] += 1
        }
        offset += Int(header.size)
      }
    }
  }

  /// Whether a record has passed the ring. A walk's TASK records have not.
  private static func isFromTheRing(_ header: nst_header) -> Bool {
    kinds.contains(header.kind)
      && (header.kind != NST_KIND_TASK.rawValue || header.flags & UInt16(NST_FLAG_LATE) != 0)
  }
}
