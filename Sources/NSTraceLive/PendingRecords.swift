// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Records of registrations and of questions about tasks, until the stream hands them out.
struct PendingRecords {
  private var encoder = RecordEncoder()
  /// How many bytes of the ring come first, at most: births of tasks that have the new number from
  /// the start.
  private(set) var bytesAhead = 0

  var isEmpty: Bool { encoder.bytes.isEmpty }

  /// - Parameter bytesAhead: how many bytes of the ring come before the records.
  mutating func append(
    _ record: nst_register, _ members: [nst_member], name: [UInt8], behind bytesAhead: Int
  ) {
    self.bytesAhead = bytesAhead
    for member in members { encoder.append(member) }
    encoder.append(record, tail: name)
  }

  /// - Parameter bytesAhead: as above.
  mutating func append(
    _ record: nst_kept, _ members: [nst_member], name: [UInt8], behind bytesAhead: Int
  ) {
    self.bytesAhead = bytesAhead
    for member in members { encoder.append(member) }
    var record = record
    record.members = UInt32(members.count)
    record.name_bytes = UInt16(name.count)
    encoder.append(record, tail: name)
  }

  mutating func append(_ record: nst_confined) { encoder.append(record) }

  mutating func append(_ record: nst_users) { encoder.append(record) }

  /// Counts bytes of the ring as handed out.
  mutating func passed(_ bytes: Int) { bytesAhead -= bytes }

  mutating func take() -> [UInt8] {
    defer { self = PendingRecords() }
    return encoder.bytes
  }
}
