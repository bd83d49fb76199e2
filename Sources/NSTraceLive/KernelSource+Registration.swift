// SPDX-License-Identifier: Apache-2.0

package import CNSWire
package import NSTrace

extension KernelSource {
  /// A registration has been made that `next(into:)` has not handed out yet: whoever is to judge
  /// another one must have seen it first.
  package var hasPending: Bool { !assembler.pending.isEmpty }

  /// Registers a container: judges, gives its number to the tasks, and puts MEMBER records and the
  /// REGISTER record behind what the ring holds now; when it is refused, before that, so that who
  /// reads the stream refuses it in the state in which it was judged.
  package mutating func register(
    _ request: RegistrationRequest, judge: RegistrationJudge
  ) -> RegistrationOutcome {
    assembler.register(request, judge: judge)
  }

  /// Whether a process has CAP_AUDIT_CONTROL, effective, in the initial user namespace (R2, T7): by
  /// the kernel side's own look, for /proc tells a tracer without privileges half of it.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  package mutating func isCapable(_ pid: UInt32) throws(SystemError) -> Bool {
    try assembler.isCapable(pid)
  }

  /// Looks how all tasks are confined by now, and puts CONFINED records of those that are otherwise than
  /// was thought behind what has been read.
  /// - Parameter isNews: whether the task is known, and not known to be confined so.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  package mutating func lookAtConfinements(
    isNews: (nst_task_id, Confinement) -> Bool
  ) throws(SystemError) {
    try assembler.lookAtConfinements(isNews: isNews)
  }
}
