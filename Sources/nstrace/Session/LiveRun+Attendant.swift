// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// The attendant: the process that does what the sandbox forbids.
extension LiveRun {
  /// Forks the attendant, unless it would have nothing to do.
  /// - Parameters:
  ///   - socket: the path of the control socket; nil: there is none.
  ///   - keeper: the keeper of which this tracer is to take care; nil: none.
  ///   - routes: the directory of containers' copies; nil: none.
  ///   - asksAudit: it is to be asked what the kernel's audit has lost.
  /// - Throws: `SystemError` if it cannot be started.
  static func attendant(
    _ plan: LivePlan, _ privileges: PrivilegeOptions, _ socket: String?,
    _ keeper: Keeper?, _ routes: RouteNames?, asksAudit: Bool
  ) throws(SystemError) -> Attendant? {
    let hasFiles = plan.output.log != nil || routes != nil
    if !hasFiles && socket == nil && keeper == nil && !asksAudit { return nil }
    return try .start(
      AttendantPlan(
        log: plan.output.log, logKeep: UInt32(plan.output.limits.keep), socket: socket,
        keep: keeper?.path, keeper: keeper?.descriptors ?? [], asksAudit: asksAudit, routes: routes,
        isConfined: !privileges.noSandbox))
  }

  /// Takes a late reply, or notices that the attendant has ended.
  mutating func hearAttendant() {
    if let attendant = logFiles.attendant, attendant.hasEnded() {
      pipeline.source.takeIn(auditOf: UInt32(attendant.pid))
      return Diagnostics.warn(
        "the attendant has ended: the log and containers' copies cannot be opened again nor the keeper "
          + "pinned or removed, and the socket is left behind")
    }
    let request = logFiles.attendant?.late
    do throws(SystemError) {
      if let file = try logFiles.attendant?.takeLate() { take(file, asked: request) }
      if request == .pinKeeper { noticePins() }
      noteAuditLost()
    } catch {
      if logFiles.attendant?.late != nil { return }
      if request == .auditLost { auditDue = nil }
      Diagnostics.warn("\(error): \(Self.consequence(of: request))")
    }
  }

  /// Takes a file that comes late.
  private mutating func take(_ file: consuming FileDescriptor, asked request: AttendantRequest?) {
    if case .openRoute(let id)? = request {
      pipeline.sink.routes?.take(file, of: id)
    } else {
      pipeline.sink.log?.reopen(file)
    }
  }

  /// What follows if the attendant has failed.
  private static func consequence(of request: AttendantRequest?) -> StaticString {
    switch request {
    case .pinKeeper: "containers registered now end with this tracer"
    case .unpinKeeper, .restKeeper: "the keeper stays"
    case .auditLost: "what the kernel's audit loses from now on is not told"
    case .openRoute: "the container's copy leaves records out"
    case .reopenLog, .rotateLog, .removeOldestLog, nil: "records still go to the old log"
    }
  }
}
