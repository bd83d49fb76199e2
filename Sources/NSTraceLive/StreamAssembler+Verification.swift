// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Verification: a walk beside the stream with which the tracked state is compared.
extension StreamAssembler where Port: ~Copyable {
  /// Begins the walk.
  /// - Returns: false if the stream is in a walk of its own, and there is nothing to verify yet.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func beginVerification() throws(SystemError) -> Bool {
    guard isLive else { return false }
    try port.beginWalk(reports: false)
    return true
  }

  /// Gives the next part of that walk.
  /// - Returns: `.idle` at its end; nil if records were lost and the stream walks itself.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func verify(into batch: inout RecordBatch) throws(SystemError) -> SourceStatus? {
    guard isLive else { return nil }
    batch.removeAll()
    try port.takeWalk(into: &batch, room: Self.readBytes)
    return batch.isEmpty ? .idle : .records
  }

  /// Makes the stream walk over all tasks again, as after a loss.
  mutating func rebuild() {
    guard isLive else { return }
    phase = .gap(bytesLeft: port.ringBytes)
  }
}
