// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How often the state is verified, as it is spelt.
///
/// Every text is one, and `duration` says whether it means anything: the parser takes the default
/// (`defaultAsFlag`) for a value that it cannot read.
struct VerifyInterval: ExpressibleByArgument, CustomStringConvertible {
  let description: String

  init(argument: String) { description = argument }

  /// 0.01 to 86400 seconds; nil: it is none.
  var duration: Duration? {
    guard let seconds = Double(description), seconds >= 0.01, seconds <= 86400 else { return nil }
    return .seconds(seconds)
  }
}
