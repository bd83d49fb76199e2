// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace
@testable import NSTraceConformance

/// A fault put around a tracker from outside. The reading that judges the tracker gets the stream
/// unchanged, and the text that was written.
enum Fault: Sendable {
  /// Changes each record before the tracker reads it; nil: the tracker never reads it.
  case input(@Sendable (inout RawRecord?) -> Void)
  /// Changes the events that one record has caused, before they are written.
  case events(@Sendable (inout [AuditEvent]) -> Void)
  /// Changes the lines that are written.
  case audit(@Sendable (inout String) -> Void)
  case json(@Sendable (inout String) -> Void)
  /// Replaces the policy of a position.
  case policy(Position, any ContainerPolicy)

  static let none = Fault.events { _ in }
}
