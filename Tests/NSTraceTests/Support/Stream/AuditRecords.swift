// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// The AUDIT and AUDIT_LOST records of a batch, with all that they have.
struct AuditRecords: EachRecord {
  private var records: [RawRecord] = []

  mutating func observe(_ record: RawRecord) {
    switch record {
    case .audit, .auditLost: records.append(record)
    default: break
    }
  }

  static func of(_ batch: RecordBatch) throws -> [RawRecord] {
    var (records, decoder) = (AuditRecords(), EventDecoder())
    try batch.withBytes { bytes throws(WireError) in _ = try decoder.decode(bytes, into: &records) }
    return records.records
  }
}
