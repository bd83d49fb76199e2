// SPDX-License-Identifier: Apache-2.0

/// A period of a stream that begins when its first snapshot is complete: `--duration` of a replay.
///
/// A class, because who reads the stream and who selects events share it.
public final class StreamPeriod {
  private let durationNs: UInt64
  private let clock = StreamTimes()

  /// - Parameter duration: how long it is.
  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    durationNs =
      UInt64(clamping: seconds) &* 1_000_000_000
      &+ UInt64(clamping: attoseconds / 1_000_000_000)
  }

  /// The last time that belongs to it, by CLOCK_BOOTTIME; nil: it has not begun.
  private var lastNs: UInt64? {
    guard let begin = clock.followedNs else { return nil }
    let (last, overflow) = begin.addingReportingOverflow(durationNs)
    return overflow ? .max : last
  }

  /// Whether a record behind its end has come.
  public var isOver: Bool { lastNs.map { clock.latestNs > $0 } ?? false }

  /// Whether what happened then belongs to it.
  /// - Parameter timeNs: CLOCK_REALTIME, nanoseconds.
  func has(_ timeNs: Int64) -> Bool {
    lastNs.map { timeNs <= clock.realtimeNs($0) } ?? true
  }

  /// Takes whole records, before the tracker does.
  public func take(_ batch: borrowing RecordBatch) { clock.take(batch) }
}
