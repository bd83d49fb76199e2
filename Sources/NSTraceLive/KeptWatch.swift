// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Which of the keeper's registrations the stream has, and when to look for others: another tracer
/// may register.
struct KeptWatch {
  /// `StreamPort.keptChanges` at the last look.
  private var changes: UInt64 = 0
  private var numbers: Set<UInt32> = []
  /// When to look next: CLOCK_BOOTTIME, nanoseconds.
  private var dueNs: UInt64 = 0

  /// A look costs a microsecond or two for each registration.
  private static let distanceNs: UInt64 = 100_000_000
  static let distanceMilliseconds: Int32 = 100

  /// The registrations that the stream does not have, by number. Those under way come once they are
  /// granted.
  /// - Throws: `SystemError` if they cannot be read.
  mutating func news(
    from port: inout some StreamPort & ~Copyable
  ) throws(SystemError) -> [KeptRegistration] {
    // Before they are read: a change in between is looked at again.
    changes = port.keptChanges
    dueNs = port.now(.boot) + Self.distanceNs
    let kept = try Self.granted(by: &port)
    defer { numbers = Set(kept.map(\.number)) }
    return kept.filter { !numbers.contains($0.number) }
  }

  /// Another tracer may put one there meanwhile, grant it or take it back. It is left out, and comes with
  /// the next change if it was granted.
  private static func granted(
    by port: inout some StreamPort & ~Copyable
  ) throws(SystemError) -> [KeptRegistration] {
    // In this order: whatever was put before the first line is under way at the second, or settled.
    let last = port.registers ? .max : port.lastKept
    let underWay = port.keptUnderWay
    return try port.readKept().filter { $0.number <= last && $0.number != underWay }
  }

  /// Whether another tracer may have registered a container since the last look.
  func isDue(by port: borrowing some StreamPort & ~Copyable) -> Bool {
    !port.registers && port.keptChanges != changes && port.now(.boot) >= dueNs
  }
}
