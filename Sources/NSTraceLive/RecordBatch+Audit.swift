// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension RecordBatch {
  /// Appends an audit record: as many AUDIT records as its text needs.
  mutating func append(_ record: nst_audit, _ text: Span<UInt8>) {
    var (record, place) = (record, 0)
    repeat {
      let end = min(place + Int(NST_AUDIT_TEXT_BYTES), text.count)
      record.hdr.flags = end < text.count ? UInt16(NST_FLAG_AUDIT_MORE) : 0
      append(part: record, text.extracting(place..<end))
      place = end
    } while place < text.count
  }

  /// Appends the record that says that no audit event is open.
  mutating func appendAuditSettled(at timeNs: UInt64) {
    var record = nst_audit()
    record.hdr.flags = UInt16(NST_FLAG_AUDIT_SETTLED)
    record.hdr.time_ns = timeNs
    record.event_ns = timeNs
    append(part: record, Span())
  }

  /// Appends what audit lacks here.
  mutating func append(_ loss: AuditLoss, at timeNs: UInt64) {
    var record = nst_audit_lost()
    record.hdr.time_ns = timeNs
    record.since_ns = loss.sinceNs
    record.count = loss.count
    record.where = UInt32(loss.place)
    var encoder = RecordEncoder()
    encoder.append(record)
    append(encoder.bytes)
  }

  private mutating func append(part record: nst_audit, _ text: Span<UInt8>) {
    let bare = MemoryLayout<nst_audit>.size + text.count
    let size = (bare + 7) & ~7
    var record = record
    record.hdr.kind = NST_KIND_AUDIT.rawValue
    record.hdr.size = UInt32(size)
    record.text_bytes = UInt16(text.count)
    unsafe append(room: size) { room in
      unsafe room.storeBytes(of: record, as: nst_audit.self)
      let tail = unsafe UnsafeMutableRawBufferPointer(
        rebasing: room[MemoryLayout<nst_audit>.size..<size])
      unsafe text.withUnsafeBytes { unsafe tail.copyBytes(from: $0) }
      for place in text.count..<tail.count { unsafe tail[place] = 0 }
      return size
    }
  }
}
