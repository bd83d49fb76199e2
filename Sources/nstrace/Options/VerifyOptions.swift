// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether the state is compared with the kernel's at intervals.
struct VerifyOptions: ParsableArguments {
  @Option(
    defaultAsFlag: VerifyInterval(argument: "60"), parsing: .next,
    help: ArgumentHelp(
      "Compare the state with a walk over all tasks every so many seconds.",
      valueName: "seconds"))
  var verify: VerifyInterval?

  func validate() throws {
    guard let verify, verify.duration == nil else { return }
    throw ValidationError("the state is verified every 0.01 to 86400 seconds, not '\(verify)'")
  }
}
