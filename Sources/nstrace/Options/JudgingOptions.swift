// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether what happens now is judged, in place of a dump.
struct JudgingOptions: ParsableArguments {
  @Flag(help: "Follow the kernel, and judge what is printed of it.")
  var live = false

  @Option(help: ArgumentHelp("With --live: end after so long.", valueName: "seconds"))
  var duration: Double?

  /// - Throws: `ValidationError` for a duration that is none, or that nothing reads.
  func validate() throws {
    guard let duration else { return }
    guard live else { throw ValidationError("--duration needs --live") }
    guard duration > 0, duration <= Self.durationMax else {
      throw ValidationError("--duration is a number of seconds, at most a year's")
    }
  }

  private static let durationMax = 365.0 * 86_400
}
