// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Losses: the rest of the ring, LOST records, and a walk.
extension StreamAssembler where Port: ~Copyable {
  /// Reads what the ring held when it overflowed, then reports the loss, and begins a walk.
  mutating func crossGap(
    _ bytesLeft: Int, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if bytesLeft > 0, readRing(into: &batch) == .records {
      phase = .gap(bytesLeft: bytesLeft - batch.count)
      return .records
    }
    encoder.removeAll()
    hooks.look(&port)
    reportHostility()
    appendLosses()
    try beginWalk()
    return give(&batch)
  }

  /// Reports, at the end, the losses that are not reported yet; no walk follows.
  mutating func tellLosses(into batch: inout RecordBatch) -> SourceStatus {
    encoder.removeAll()
    hooks.look(&port)
    if shares.isNew(by: port) { shares.report(at: port.now(.boot), by: &port, into: &encoder) }
    if storage.isNew(by: port) { storage.report(at: port.now(.boot), by: &port, into: &encoder) }
    appendLosses()
    _ = give(&batch)
    finishAudit(behind: &batch)
    return batch.isEmpty ? .idle : .records
  }

  private mutating func appendLosses() {
    losses.report(by: &port, into: &encoder)
    for loss in hooks.watch.take() { encoder.append(loss, at: port.now(.boot)) }
  }
}
