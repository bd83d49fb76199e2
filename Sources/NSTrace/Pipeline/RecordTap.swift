// SPDX-License-Identifier: Apache-2.0

/// Reads the records of a pipeline beside its tracker, as they are: a recording, a judge.
public protocol RecordTap: AnyObject {
  /// Takes whole records, in the order of the stream, before the tracker does.
  /// - Throws: what ends the pipeline.
  func take(_ batch: borrowing RecordBatch) throws
}
