// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Selects events by who causes them. An event of nobody's, as the end of a namespace that was held, is not
/// selected by any of these.
package struct ActorFilter: Sendable, Equatable {
  package var comm = TextChoice()
  package var exe = TextChoice()
  /// Needs `TrackerOptions.tellsCgroups`.
  package var cgroup = TextChoice()
  package var uid = ValueChoice<UInt32>()
  package var auid = ValueChoice<UInt32>()

  package init() {}

  package var isEmpty: Bool {
    comm.isEmpty && exe.isEmpty && cgroup.isEmpty && uid.isEmpty && auid.isEmpty
  }

  func selects(_ event: borrowing AuditEvent) -> Bool {
    if isEmpty { return true }
    guard let subject = event.subject else { return false }
    guard uid.selects(subject.uid), auid.selects(subject.auid) else { return false }
    guard unsafe subject.withComm({ unsafe comm.selects($0) }) else { return false }
    return exe.selects(event.exe) && selects(cgroup: event.cgroup.bytes)
  }

  /// The audit's events do not say in which cgroup their process is.
  func selects(_ event: borrowing KernelEvent) -> Bool {
    if isEmpty { return true }
    let actor = KernelSubject(of: event)
    return numberIs(actor.uid, in: uid) && numberIs(actor.auid, in: auid)
      && comm.selects(actor.comm) && exe.selects(actor.exe) && selects(cgroup: [])
  }

  /// - Parameter path: empty: not known.
  private func selects(cgroup path: [UInt8]) -> Bool {
    cgroup.isEmpty || !path.isEmpty && cgroup.selects(path)
  }

  private func numberIs(_ number: UInt32?, in choice: ValueChoice<UInt32>) -> Bool {
    choice.isEmpty || number.map { choice.selects($0) } ?? false
  }
}
