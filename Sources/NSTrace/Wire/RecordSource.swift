// SPDX-License-Identifier: Apache-2.0

/// A source of whole records: the kernel, a dump, memory.
///
/// Everything after the source, from the decoder to the printed line, is the same code for all.
public protocol RecordSource: ~Copyable {
  /// The error when the source cannot go on.
  associatedtype Failure: Error
  /// The error for a damaged record.
  associatedtype Damage: Error = WireError

  /// Replaces the content of `batch` with the next whole records.
  /// - Returns: what the source had.
  /// - Throws: when the source cannot go on.
  mutating func next(into batch: inout RecordBatch) throws(Failure) -> SourceStatus

  /// The source's error for a damaged record of the batch that was read last.
  func damage(_ error: WireError) -> Damage
}

extension RecordSource where Self: ~Copyable, Damage == WireError {
  public func damage(_ error: WireError) -> WireError { error }
}

extension RecordSource where Self: ~Copyable {
  /// Reads until there is no more.
  /// - Throws: the source's failure, or its error for a record that `take` finds damaged.
  package mutating func forEachBatch(
    _ take: (borrowing RecordBatch) throws(WireError) -> Void
  ) throws {
    var batch = RecordBatch()
    while try next(into: &batch) == .records {
      do throws(WireError) {
        try take(batch)
      } catch {
        throw damage(error)
      }
    }
  }
}

/// What a source had when it was asked.
public enum SourceStatus: Sendable {
  /// The batch holds records.
  case records
  /// No records now; more may come.
  case idle
  /// No records, and none will come.
  case ended
}
