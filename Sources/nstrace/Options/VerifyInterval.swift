// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The interval of `--verify`, as text.
///
/// It accepts every text, because the parser would silently take the default (`defaultAsFlag`) for a
/// value that cannot be parsed. `duration` says whether the text is valid.
struct VerifyInterval: ExpressibleByArgument, CustomStringConvertible {
  let description: String

  init(argument: String) { description = argument }

  /// 0.01 to 86400 seconds; nil if the text is not such a number.
  var duration: Duration? {
    guard let seconds = Double(description), seconds >= 0.01, seconds <= 86400 else { return nil }
    return .seconds(seconds)
  }
}
