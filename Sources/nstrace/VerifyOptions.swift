// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether the state is held against the kernel's own word now and then.
struct VerifyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Compare what is known with a walk over all tasks every so many seconds, and say what \
      differs. Alone: 60; else --verify=SECONDS.
      """,
      valueName: "seconds"),
    transform: VerifyOptions.interval)
  var verify: Duration?

  private static func interval(_ argument: String) throws -> Duration {
    guard let seconds = Double(argument), seconds >= 0.01, seconds <= 86400 else {
      throw ValidationError("the state is verified every 0.01 to 86400 seconds")
    }
    return .seconds(seconds)
  }

  /// Gives `--verify` the value that it has when it stands alone, as getopt_long(3) has it: a value
  /// is attached, or there is none. `defaultAsFlag` of ArgumentParser 1.8.2 does not do: it takes the
  /// default for a value that cannot be parsed, and for one that another option follows.
  static func completing(_ arguments: [String]) -> [String] {
    let options = arguments.prefix { $0 != "--" }
    return options.map { $0 == "--verify" ? "--verify=60" : $0 } + arguments[options.endIndex...]
  }
}
