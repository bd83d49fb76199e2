// SPDX-License-Identifier: Apache-2.0

/// Gives batches of records from memory: for tests, and to judge a stream twice.
public struct MemorySource: RecordSource {
  private var batches: ArraySlice<[UInt8]>

  /// A source of these batches, each of whole records.
  public init(_ batches: [[UInt8]]) { self.batches = batches[...] }

  public mutating func next(into batch: inout RecordBatch) throws(Never) -> SourceStatus {
    guard let next = batches.popFirst() else { return .ended }
    batch = RecordBatch(next)
    return .records
  }
}
