// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Compares the losses that the stream has reported with the kernel side's counters.
struct LossWatch {
  /// Counts by kind. Only the kernel side's own records can be lost in the ring.
  private var reported = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))

  /// Whether records are lost that the stream has not reported.
  func isNew(by port: borrowing some StreamPort & ~Copyable) -> Bool {
    reported.indices.contains { port.lost(UInt16($0)) != reported[$0] }
  }

  /// Appends LOST records for what was lost since the last call.
  mutating func report(
    by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder
  ) {
    // Before the counters: a loss in between then has a time that is too early, and not none.
    let since = port.takeLostSince()
    for kind in reported.indices {
      let total = port.lost(UInt16(kind))
      let loss = RecordLoss(
        kind: UInt16(kind), count: total - reported[kind], sinceNs: since)
      encoder.append(loss, at: port.now(.boot))
      reported[kind] = total
    }
  }
}
