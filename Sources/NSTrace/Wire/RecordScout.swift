// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Runs ahead of the decoder and says which tasks the next records are about, so that what is known of
/// them is on its way from memory when it is needed: with 20,000 tasks alive, waiting for it was half of
/// the time that a fork or an exit took. It judges nothing; a damaged record ends its view.
struct RecordScout {
  /// How many records it looks at before the decoder begins.
  static let lead = 16

  /// Of the next record that it has not seen.
  var offset = 0
  /// The tasks of the last ones, in a ring; 0: no plain fork or exit.
  var seen = InlineArray<8, UInt32>(repeating: 0)
  var turn = 0
  init(_ batch: RawSpan, for handler: borrowing some EventHandler & ~Copyable) {
    for _ in 0..<Self.lead { advance(in: batch, for: handler) }
  }

  /// Looks at one record more.
  @inline(__always)
  mutating func advance(in batch: RawSpan, for handler: borrowing some EventHandler & ~Copyable) {
    let tid = nextTask(in: batch)
    handler.expect(task: tid)
    handler.expectSoon(task: seen[turn])
    seen[turn] = tid
    turn = (turn + 1) % seen.count
  }

  @inline(__always)
  mutating func nextTask(in batch: RawSpan) -> UInt32 {
    guard batch.byteCount - offset >= MemoryLayout<nst_fork>.size else { return 0 }
    // An exit is shorter, and has its task in the same place.
    let record = unsafe batch.unsafeLoadUnaligned(fromByteOffset: offset, as: nst_fork.self)
    guard record.hdr.size >= MemoryLayout<nst_header>.size else { return 0 }
    offset += Int(record.hdr.size)
    // A fork and an exit do little but look a task up; with the other kinds that wait does not count.
    if record.hdr.kind == NST_KIND_FORK.rawValue { return record.parent_tid }
    return record.hdr.kind == NST_KIND_EXIT.rawValue ? record.child.tid : 0
  }
}
