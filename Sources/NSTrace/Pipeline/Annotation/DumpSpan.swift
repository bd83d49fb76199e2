// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Notes the time that a stream covers.
final class DumpSpan: RecordTap {
  /// When the first snapshot was complete: CLOCK_BOOTTIME, nanoseconds; nil: not yet.
  private(set) var firstNs: UInt64?
  /// The time of the latest record.
  private(set) var lastNs: UInt64 = 0

  func take(_ batch: borrowing RecordBatch) {
    batch.withBytes { bytes in
      var offset = 0
      while bytes.byteCount - offset >= MemoryLayout<nst_header>.size {
        let header = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: nst_header.self)
        guard header.size >= MemoryLayout<nst_header>.size else { return }
        note(header)
        offset += Int(header.size)
      }
    }
  }

  private func note(_ header: nst_header) {
    lastNs = max(lastNs, header.time_ns)
    if firstNs == nil, header.kind == NST_KIND_SNAPSHOT_END.rawValue { firstNs = header.time_ns }
  }
}
