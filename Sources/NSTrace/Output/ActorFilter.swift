// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Selects events by who causes them. An event of nobody's, as the end of a namespace that was held, is not
/// selected by any of these.
package struct ActorFilter: Sendable, Equatable {
  package var comm = TextChoice()
  package var exe = TextChoice()
  package var uid = NumberChoice()
  package var auid = NumberChoice()

  package init() {}

  package var isEmpty: Bool { comm.isEmpty && exe.isEmpty && uid.isEmpty && auid.isEmpty }

  func selects(_ event: borrowing AuditEvent) -> Bool {
    if isEmpty { return true }
    guard let subject = event.subject else { return false }
    guard uid.selects(subject.uid), auid.selects(subject.auid) else { return false }
    let isNamed = unsafe subject.withComm { unsafe comm.selects($0) }
    return isNamed && exe.selects(event.exe)
  }

  func selects(_ event: borrowing KernelEvent) -> Bool {
    if isEmpty { return true }
    let actor = KernelSubject(of: event)
    return numberIs(actor.uid, in: uid) && numberIs(actor.auid, in: auid)
      && comm.selects(actor.comm) && exe.selects(actor.exe)
  }

  private func numberIs(_ number: UInt32?, in choice: NumberChoice) -> Bool {
    choice.isEmpty || number.map(choice.selects) ?? false
  }
}
