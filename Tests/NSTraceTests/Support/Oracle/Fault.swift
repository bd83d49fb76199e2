// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace
@testable import NSTraceConformance

/// What is done to a tracker from outside, so that it gets something wrong: the reading that it is judged
/// by has the stream as it is, and reads what was written.
enum Fault: Sendable {
  /// To each record before the tracker has it; nil: the tracker never has it.
  case input(@Sendable (inout RawRecord?) -> Void)
  /// To the events that the tracker gives because of one record, before they are written.
  case events(@Sendable (inout [AuditEvent]) -> Void)
  /// To the lines that are written.
  case audit(@Sendable (inout String) -> Void)
  case json(@Sendable (inout String) -> Void)
  /// The position's policy is another one.
  case policy(Position, any ContainerPolicy)

  static let none = Fault.events { _ in }
}
