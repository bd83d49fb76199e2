// SPDX-License-Identifier: Apache-2.0

/// Reads the unchanged records of a pipeline beside its tracker, to record or to judge them.
public protocol RecordTap: AnyObject {
  /// Takes whole records, in the order of the stream, before the tracker does.
  /// - Throws: an error that ends the pipeline.
  func take(_ batch: borrowing RecordBatch) throws
}
