// SPDX-License-Identifier: Apache-2.0

package import CNSWire
package import NSTrace

extension KernelSource {
  /// Whether the records of a registration wait for `next(into:)`. The next registration can be
  /// judged only once they have been read.
  package var hasPending: Bool { !assembler.pending.isEmpty }

  /// Registers a container: judges, gives its number to the tasks, and adds MEMBER records and the
  /// REGISTER record. They come behind what the ring holds now. The records of a refused
  /// registration come before that, so that a replay judges it in the same state.
  /// - Parameter owners: of the container once it is registered, for what is kept.
  package mutating func register(
    _ request: RegistrationRequest, owners: [nst_task_id] = [], judge: RegistrationJudge
  ) -> RegistrationOutcome {
    assembler.register(request, owners: owners, judge: judge)
  }

  /// Takes back what an earlier tracer was about to register when it ended. Call it before the stream
  /// begins.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func takeBackUnfinished() throws(SystemError) {
    guard let keeper, keeper.registers, keeper.isFound else { return }
    try assembler.port.takeBackUnfinished()
  }

  /// The numbers of the keeper's registrations that nothing needs any more: those of containers that
  /// have ended, and of joins whose tasks have.
  /// - Parameter uses: by the records so far, which are complete.
  /// - Throws: `SystemError` if the keeper cannot be read.
  package func spentRegistrations(_ uses: RegistrationUses) throws(SystemError) -> [UInt32] {
    guard let keeper, keeper.registers else { return [] }
    return SpentRegistrations(among: try keeper.read().kept, uses).numbers
  }

  /// Removes registrations from the keeper that no task carries.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func forget(_ numbers: [UInt32]) throws(SystemError) {
    if !numbers.isEmpty { try assembler.forget(numbers) }
  }

  /// The number that the next registration gets.
  package var nextNumber: UInt32 { assembler.nextNumber }

  /// Keeps beyond the tracer's end what became of stains (T2).
  /// - Throws: `SystemError` if there was no room for one; the others are kept.
  package mutating func keep(_ changes: [NamespaceStain.Change]) throws(SystemError) {
    try assembler.keep(changes)
  }

  /// Removes from the keeper the stains of namespaces that are gone, where the kernel can be asked.
  /// - Returns: whether any is left.
  /// - Throws: `SystemError` if the keeper cannot be read.
  package mutating func forgetGoneStains() throws(SystemError) -> Bool {
    try !assembler.livingStains().isEmpty
  }

  /// A process that asks, and its audit capabilities (R2, T6, T7). The kernel side reads them, because
  /// /proc does not show all of them to a tracer without privileges.
  /// - Parameter user: the effective user with which it connected.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func callerFacts(
    of pid: UInt32, connectedAs user: UInt32
  ) throws(SystemError) -> ControlCallerFacts {
    try assembler.callerFacts(of: pid, connectedAs: user)
  }

  /// Reads the confinement of all tasks, and adds a CONFINED record for each that differs, behind
  /// what has been read.
  /// - Parameter isNews: whether the task is known, with another confinement.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func lookAtConfinements(
    isNews: (nst_task_id, Confinement) -> Bool
  ) throws(SystemError) {
    try assembler.lookAtConfinements(isNews: isNews)
  }
}
