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
  package mutating func register(
    _ request: RegistrationRequest, judge: RegistrationJudge
  ) -> RegistrationOutcome {
    assembler.register(request, judge: judge)
  }

  /// Whether a process has CAP_AUDIT_CONTROL, effective, in the initial user namespace (R2, T7).
  /// The kernel side reads it, because /proc does not show all of it to a tracer without
  /// privileges.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func isCapable(_ pid: UInt32) throws(SystemError) -> Bool {
    try assembler.isCapable(pid)
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
