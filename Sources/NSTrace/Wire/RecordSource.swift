// SPDX-License-Identifier: Apache-2.0

/// Something that whole records are read from: the kernel, a dump, memory.
///
/// Everything behind a source, from the decoder to the printed line, is the same code for all.
public protocol RecordSource: ~Copyable {
  /// What it throws when it cannot go on.
  associatedtype Failure: Error
  /// What it makes of a record that does not hold together.
  associatedtype Damage: Error = WireError

  /// Replaces `batch` by the next whole records.
  /// - Returns: what there was.
  /// - Throws: when the source cannot go on.
  mutating func next(into batch: inout RecordBatch) throws(Failure) -> SourceStatus

  /// What is wrong with a record of the batch that was read last, as this source says it.
  func damage(_ error: WireError) -> Damage
}

extension RecordSource where Self: ~Copyable, Damage == WireError {
  public func damage(_ error: WireError) -> WireError { error }
}

extension RecordSource where Self: ~Copyable {
  /// Reads until there is no more.
  /// - Throws: what the source throws, and what it makes of a record that `take` finds damaged.
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
  /// Nothing at the moment; more may come.
  case idle
  /// Nothing, and nothing will come.
  case ended
}
