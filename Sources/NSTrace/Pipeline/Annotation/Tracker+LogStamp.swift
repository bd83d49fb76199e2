// SPDX-License-Identifier: Apache-2.0

extension Tracker where Sink: ~Copyable {
  /// How much older than its event a stamp is, as a rule: a tick of the kernel's, and the millisecond that it is
  /// cut to. A recording that does not say its tick may be of a kernel of 100 Hz.
  private var slackNs: UInt64 {
    let tickUs = host.map { UInt64($0.tickUs) } ?? 0
    return (tickUs > 0 ? tickUs : 10_000) * 1000 + 1_000_000
  }
  /// How much older it can be: the kernel's coarse clock stands while the processor that drives it is
  /// kept from its tick, in a virtual machine above all. 7.2 ms were seen at 250 Hz.
  private static var longestNs: UInt64 { 100_000_000 }
  /// How far records must have been read beyond a stamp. Records of the same time can be this far from
  /// each other.
  package static var readAheadNs: UInt64 { longestNs + 100_000_000 }

  /// What a process belonged to at the time of an event, of which only the stamp is known.
  ///
  /// If nobody had the number at the time of the stamp, or soon after, the event's process was born later, and the
  /// event happened later still.
  /// - Parameter eventNs: the stamp: CLOCK_BOOTTIME, nanoseconds.
  package func join(process pid: UInt32, stampedAt eventNs: UInt64) -> StayAnswer {
    join(process: pid, at: eventNs, slackNs: slackNs, readNs: eventNs &+ Self.longestNs)
  }
}
