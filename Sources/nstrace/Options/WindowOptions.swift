// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Of which time records are shown: the stream's time.
struct WindowOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only from this time on: ISO 8601, -10m, boot.", valueName: "time"),
    transform: TimePoint.init)
  var since: TimePoint?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Only until this time.", valueName: "time"),
    transform: TimePoint.init)
  var until: TimePoint?

  /// Whether one of them counts from the end of the recording, or from now.
  var countsFromEnd: Bool {
    for case .before in [since, until].compactMap(\.self) { return true }
    return false
  }

  /// - Parameter endNs: what `-10m` counts from: CLOCK_REALTIME, nanoseconds.
  func window(before endNs: Int64) -> TimeWindow {
    TimeWindow(
      since: since?.nanoseconds(before: endNs) ?? .min,
      until: until?.nanoseconds(before: endNs) ?? .max)
  }

  func validate() throws {
    if until == .boot { throw ValidationError("--until boot: no record is older than the boot") }
    guard let since, let until else { return }
    let window = window(before: 0)
    guard case .at = since, case .at = until else {
      if case .before = since, case .before = until, window.sinceNs > window.untilNs {
        throw ValidationError("--since is later than --until: no record can be in between")
      }
      return
    }
    if window.sinceNs > window.untilNs {
      throw ValidationError("--since is later than --until: no record can be in between")
    }
  }
}
