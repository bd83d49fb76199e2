// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Losses: what stood in the ring, LOST records, and a walk.
extension StreamAssembler where Port: ~Copyable {
  /// Reads what was in the ring when it overflowed, then reports what is missing, and walks.
  mutating func crossGap(
    _ bytesLeft: Int, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if bytesLeft > 0, readRing(into: &batch) == .records {
      phase = .gap(bytesLeft: bytesLeft - batch.count)
      return .records
    }
    encoder.removeAll()
    hooks.look(&port)
    appendLosses()
    try beginWalk()
    return give(&batch)
  }

  /// At the end: what was lost and not reported yet, for no walk follows any more.
  mutating func tellLosses(into batch: inout RecordBatch) -> SourceStatus {
    encoder.removeAll()
    hooks.look(&port)
    guard losses.isNew(by: port) || hooks.watch.hasUntold else { return .idle }
    appendLosses()
    return give(&batch)
  }

  private mutating func appendLosses() {
    losses.report(by: &port, into: &encoder)
    for loss in hooks.watch.take() { encoder.append(loss, at: port.now(.boot)) }
  }
}
