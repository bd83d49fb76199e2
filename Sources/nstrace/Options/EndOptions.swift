// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// When a command ends that would go on.
struct EndOptions: ParsableArguments {
  @Option(help: ArgumentHelp("End after so many printed events.", valueName: "number"))
  var count: Int?

  @OptionGroup(title: "What to show") var time: DurationOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is at least 1") }
  }
}
