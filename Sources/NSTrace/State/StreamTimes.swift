// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Notes the times of a stream's records.
package final class StreamTimes {
  /// When the first snapshot was complete: CLOCK_BOOTTIME, nanoseconds; nil: not yet.
  package private(set) var followedNs: UInt64?
  /// The time of the latest record: CLOCK_BOOTTIME, nanoseconds.
  package private(set) var latestNs: UInt64 = 0
  /// CLOCK_REALTIME - CLOCK_BOOTTIME, nanoseconds.
  private var realtimeOffsetNs: Int64 = 0

  package init() {}

  /// CLOCK_REALTIME in nanoseconds, for a CLOCK_BOOTTIME in nanoseconds.
  package func realtimeNs(_ bootNs: UInt64) -> Int64 {
    let (time, overflow) = Int64(clamping: bootNs).addingReportingOverflow(realtimeOffsetNs)
    return overflow ? .max : time
  }

  /// Takes whole records.
  package func take(_ batch: borrowing RecordBatch) {
    batch.withBytes { bytes in
      var offset = 0
      while bytes.byteCount - offset >= MemoryLayout<nst_header>.size {
        let header = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: nst_header.self)
        let size = Int(header.size)
        // What is wrong with a record is said by who decodes it.
        guard size >= MemoryLayout<nst_header>.size, size <= bytes.byteCount - offset else {
          return
        }
        note(header, bytes.extracting(offset..<offset + size))
        offset += size
      }
    }
  }

  private func note(_ header: nst_header, _ record: RawSpan) {
    latestNs = max(latestNs, header.time_ns)
    if header.kind == NST_KIND_CLOCK.rawValue, record.byteCount >= MemoryLayout<nst_clock>.size {
      realtimeOffsetNs = unsafe record.unsafeLoadUnaligned(as: nst_clock.self).realtime_offset_ns
    }
    if followedNs == nil, header.kind == NST_KIND_SNAPSHOT_END.rawValue {
      followedNs = header.time_ns
    }
  }
}
