// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether a live run is judged instead of a dump.
struct JudgingOptions: ParsableArguments {
  @Flag(help: "Follow the kernel and judge that instead of a dump.")
  var live = false

  @Option(help: ArgumentHelp("With --live: stop after so many seconds.", valueName: "seconds"))
  var duration: Double?

  /// - Throws: `ValidationError` for a duration out of range, or without --live.
  func validate() throws {
    guard let duration else { return }
    guard live else { throw ValidationError("--duration needs --live") }
    guard duration > 0, duration <= Self.durationMax else {
      throw ValidationError("--duration is a number of seconds, at most a year")
    }
  }

  private static let durationMax = 365.0 * 86_400
}
