// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Holds what the stream has reported as lost against the kernel side's counters.
struct LossWatch {
  /// By kind: only the kernel side's own records can find no room.
  private var reported = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))

  /// Whether records are missing of which the stream says nothing yet.
  func isNew(by port: borrowing some StreamPort & ~Copyable) -> Bool {
    reported.indices.contains { port.lost(UInt16($0)) != reported[$0] }
  }

  /// Appends LOST records of what is missing since the last call.
  mutating func report(
    by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder
  ) {
    // Before the counters: a record that is lost in between is then counted with too early a time, and
    // not with none.
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
