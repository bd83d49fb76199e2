// SPDX-License-Identifier: Apache-2.0

/// How many events of the kernel's audit there were, and what is known of their processes.
public struct AuditCounters: Equatable, Sendable {
  /// Events of a container's processes, or of processes that are inside one.
  public var contained: UInt64 = 0
  /// Events of the host's processes.
  public var hosts: UInt64 = 0
  /// Events of which no record names a process.
  public var nameless: UInt64 = 0
  /// Events of processes that are not known, or not for sure, at the time of the event.
  public var unknown: UInt64 = 0
  /// Records without a stamp. They are left out.
  public var unread: UInt64 = 0

  /// All events.
  public var events: UInt64 { contained + hosts + nameless + unknown }
}
