// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// What a live run does with what it follows.
struct LivePlan {
  var policy: any ContainerPolicy = RFCPolicy()
  var tracker = TrackerOptions()
  var output = OutputPlan()
  /// How often the state is verified; nil: never.
  var verifyInterval: Duration?
  /// How long to follow, from when nothing is missed; nil: until a signal.
  var duration: Duration?
  /// No messages but warnings and errors.
  var isQuiet = false
  /// A loss, or a difference that was found, is a failure.
  var isStrict = false
}
