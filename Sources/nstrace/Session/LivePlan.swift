// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The settings of a live run.
struct LivePlan {
  var policy: any ContainerPolicy = RFCPolicy()
  var tracker = TrackerOptions()
  var output = OutputPlan()
  /// How often the state is verified; nil: never.
  var verifyInterval: Duration?
  /// How long to follow, once the state is complete; nil: until a signal.
  var duration: Duration?
  /// The program that is started and traced; nil: none.
  var command: TracedCommand?
  /// Whether the run ends with the program. Otherwise its descendants have to end, too.
  var endsWithCommand = false
  /// Whether only warnings and errors are printed.
  var isQuiet = false
  /// Whether a loss, or a difference that `--verify` finds, is a failure.
  var isStrict = false
}
