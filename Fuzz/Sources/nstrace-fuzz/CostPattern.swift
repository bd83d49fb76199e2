// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
@testable internal import NSTrace

/// A few records that are repeated, and each time some of their words count up: the tasks,
/// namespaces, containers, cgroups and times of a round are others, or the same.
///
/// The bytes begin with eight numbers of words for each of eight records; word 0 is the low half of
/// the record's time. A word that the record does not have counts nothing.
///
/// What docs/bounds.md says to cost more the more tasks there are is left out: a stream has one HOST
/// record, with ns_ids, so that FREED, USERS and a number made again look at no other task; and ATTACH
/// moves a task, and not a process. Lists name the first 200 IDs, and up to there a record costs more
/// than the one before it. A round has 1 KiB at most, so that this ends before the streams do.
struct CostPattern {
  static let records = 8
  static let wordsOfRecord = 8
  private static let head = records * wordsOfRecord
  private static let roundBytes = 1 << 10

  private var parts: [(record: [UInt8], words: [UInt8])] = []

  /// Nil: there is no record.
  init?(_ bytes: [UInt8]) {
    guard bytes.count > Self.head else { return nil }
    var mender = StreamMender(Array(bytes[Self.head...]))
    var rest = Self.roundBytes
    while parts.count < Self.records, let record = mender.next() {
      rest -= record.count
      if rest < 0 { break }
      let words = bytes[parts.count * Self.wordsOfRecord..<(parts.count + 1) * Self.wordsOfRecord]
      parts.append((Self.proportionate(record), Array(words)))
    }
  }

  private static func proportionate(_ record: [UInt8]) -> [UInt8] {
    let kind: UInt16 = record.native(at: 0)
    if kind == NST_KIND_HOST.rawValue { return [] }
    guard kind == NST_KIND_ATTACH.rawValue else { return record }
    var record = record
    record.put((record.native(at: 2) as UInt16) & ~UInt16(NST_FLAG_PROCESS), at: 2)
    return record
  }

  /// A stream of so many bytes, in batches as a source gives them.
  func stream(of bytes: Int) -> [RecordBatch] {
    var batches = [RecordBatch(Seeds.beginning)]
    var rest = bytes
    var round: UInt32 = 0
    while rest > 0, !parts.allSatisfy(\.record.isEmpty) {
      let batch = batch(of: min(rest, 64 << 10), from: &round)
      rest -= batch.count
      batches.append(RecordBatch(batch))
    }
    return batches
  }

  private func batch(of bytes: Int, from round: inout UInt32) -> [UInt8] {
    var batch: [UInt8] = []
    while batch.count < bytes {
      for part in parts { Self.append(part.record, part.words, round, to: &batch) }
      round += 1
    }
    return batch
  }

  private static func append(
    _ record: [UInt8], _ words: [UInt8], _ round: UInt32, to batch: inout [UInt8]
  ) {
    let start = batch.count
    batch += record
    for word in words where 12 + 4 * Int(word) <= record.count {
      let place = start + 8 + 4 * Int(word)
      batch.put((batch.native(at: place) as UInt32) &+ round, at: place)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ value: some BitwiseCopyable, at place: Int) {
    withUnsafeMutableBytes {
      $0.storeBytes(of: value, toByteOffset: place, as: type(of: value))
    }
  }
}
