// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A registration that a keeper has.
struct KeptRegistration {
  /// As in the stream, without time and kind.
  var record: nst_kept
  /// The container's name: 255 bytes at most.
  var name: [UInt8]
  var number: UInt32 { record.container }

  init(_ record: nst_kept, name: [UInt8]) {
    self.record = record
    self.name = name
  }

  init(_ entry: nst_keeper_entry) {
    record = entry.kept
    record.hdr = nst_header()
    name = unsafe withUnsafeBytes(of: entry.name) { name in
      unsafe Array(name.prefix(Int(entry.kept.name_bytes)))
    }
  }

  /// The value for the keeper's map.
  var entry: nst_keeper_entry {
    var entry = nst_keeper_entry()
    entry.kept = record
    entry.kept.hdr = nst_header()
    entry.kept.name_bytes = UInt16(name.count)
    unsafe withUnsafeMutableBytes(of: &entry.name) { unsafe $0.copyBytes(from: name) }
    return entry
  }
}
