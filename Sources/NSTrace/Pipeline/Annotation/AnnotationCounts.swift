// SPDX-License-Identifier: Apache-2.0

/// What has become of the lines and events of a log. Each event is counted in one of the six counts
/// behind `events`.
package struct AnnotationCounts: Equatable, Sendable {
  package var lines = 0
  /// Lines that are no audit record.
  package var others = 0
  /// Records of other hosts, which auditd passes on.
  package var foreign = 0
  /// Lines that are too long to be looked at.
  package var long = 0
  package var events = 0
  /// Events of a process that belongs to a container.
  package var member = 0
  /// Events of a process whose session is inside a container.
  package var inside = 0
  /// Events of a process of the host.
  package var host = 0
  /// Events of a process that was not known at that time.
  package var unknown = 0
  /// Events whose records name no process.
  package var nameless = 0
  /// Events of a time that nobody has followed.
  package var outside = 0
  /// Events whose answer was not waited for any longer.
  package var unanswered = 0
  /// Events that were taken as complete because too many were open. They are counted above as well.
  package var early = 0

  package init() {}

  /// Whether an event was looked up at a time that was followed.
  package var hasFollowed: Bool { member + inside + host + unknown > 0 }
}

extension AnnotationCounts: CustomStringConvertible {
  /// As it is told at the end; what did not happen is left out behind the first three.
  package var description: String {
    let parts: [(Int, String)] = [
      (host, "of the host"), (unknown, "of a process that was not known"),
      (nameless, "without a process"), (outside, "outside the time of the recording"),
      (unanswered, "without an answer in time"), (early, "complete for want of room"),
      (others, "lines no audit records"), (foreign, "records of other hosts"),
      (long, "lines too long"),
    ]
    let rest = parts.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
    return "\(lines) lines, \(events) events: \(member) of members of containers, "
      + "\(inside) inside\(rest)"
  }
}
