// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Leaves out the audit events of nstrace's own processes. Each event that is written makes more of them
/// under a rule about write(2), and nstrace would feed itself.
struct OwnAuditEvents {
  /// Process ids in the initial PID namespace.
  var processes: [UInt32] = []
  /// How many events were left out.
  private(set) var count: UInt64 = 0
  /// Those of which more records may come.
  private var open: [KernelStamp] = []

  /// A process makes one event after the other, so more are not open at once.
  private static let openMax = 16

  /// Whether the record is of such an event: it names such a process, or an earlier one of its event did.
  mutating func take(_ type: UInt16, _ stamp: KernelStamp, _ text: Span<UInt8>) -> Bool {
    if let index = open.firstIndex(of: stamp) {
      if type == KernelEvent.endOfEvent { open.remove(at: index) }
      return true
    }
    guard let process = KernelFields.pid(of: text, type: KernelRecordType(type)),
      processes.contains(process)
    else { return false }
    count += 1
    open.append(stamp)
    if open.count > Self.openMax { open.removeFirst() }
    return true
  }
}
