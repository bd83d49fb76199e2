// SPDX-License-Identifier: Apache-2.0

/// Something that whole records are read from: the kernel, a dump, memory.
///
/// Everything behind a source, from the decoder to the printed line, is the same code for all.
public protocol RecordSource: ~Copyable {
  associatedtype Failure: Error

  /// Replaces `batch` by the next whole records.
  /// - Returns: what there was.
  /// - Throws: when the source cannot go on.
  mutating func next(into batch: inout RecordBatch) throws(Failure) -> SourceStatus
}

public enum SourceStatus: Sendable {
  /// The batch holds records.
  case records
  /// Nothing at the moment; more may come.
  case idle
  /// Nothing, and nothing will come.
  case ended
}
