// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How long a command follows.
struct DurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("End after this time: 30s, 10m, 1h30m.", valueName: "time"),
    transform: Self.duration)
  var duration: Duration?

  /// - Throws: `ValidationError` if the text is no span of time.
  private static func duration(_ text: String) throws -> Duration {
    guard let span = TimeSpan.nanoseconds(text), span > 0 else {
      throw ValidationError("'\(text)' is no span of time: give 30s, 10m or 1h30m")
    }
    return .nanoseconds(span)
  }
}
