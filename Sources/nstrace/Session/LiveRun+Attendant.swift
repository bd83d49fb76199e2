// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// The attendant: the process that does what the sandbox forbids.
extension LiveRun {
  /// Forks the attendant, unless it would have nothing to do.
  /// - Parameters:
  ///   - socket: the path of the control socket; nil: there is none.
  ///   - keeper: the keeper of which this tracer is to take care; nil: none.
  /// - Throws: `SystemError` if it cannot be started.
  static func attendant(
    _ plan: LivePlan, _ privileges: PrivilegeOptions, _ socket: String?,
    _ keeper: Keeper?
  ) throws(SystemError) -> Attendant? {
    if plan.output.log == nil && socket == nil && keeper == nil { return nil }
    return try .start(
      AttendantPlan(
        log: plan.output.log, logKeep: UInt32(plan.output.limits.keep), socket: socket,
        keep: keeper?.path, keeper: keeper?.descriptors ?? [], isConfined: !privileges.noSandbox))
  }

  /// Takes a late reply, or notices that the attendant has ended.
  mutating func hearAttendant() {
    if logFiles.attendant?.hasEnded() == true {
      return Diagnostics.warn(
        "the attendant has ended: the log cannot be opened again, and the socket is left behind")
    }
    do throws(SystemError) {
      guard let file = try logFiles.attendant?.takeLate() else { return }
      pipeline.sink.log?.reopen(file)
    } catch {
      if logFiles.attendant?.isLate == true { return }
      Diagnostics.warn("\(error): records still go to the old log")
    }
  }
}
