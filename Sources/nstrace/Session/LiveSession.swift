// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// A tracer that has attached and does not follow yet. Every command that follows begins with it.
struct LiveSession: ~Copyable {
  let signals: StopSignals
  let output: FileDescriptor
  let watchdog: Watchdog?
  let source: KernelSource
  let control: ControlServer?
  /// The path of the control socket; nil: there is none.
  let socket: String?
  let privileges: PrivilegeOptions
  /// The way into the kernel's audit trail; nil: there is none.
  let trail: AuditTrail?
  /// Why this tracer registers no containers; nil: it does.
  let leavesRegistrations: ControlReply.Refusal?

  /// Forks the sender of audit messages, attaches, listens, and becomes the user of `--user`. Open files
  /// afterwards, as that user.
  /// - Parameters:
  ///   - auditEvents: the kernel's audit records are a part of the stream.
  ///   - file: where records are written; nil: to standard output.
  ///   - isOwn: whether it traces a program of its own, so that nobody asks it for anything unless it has --control.
  ///   - auditTrail: whether records go into the kernel's audit trail; nil: they do not.
  /// - Throws: `AuditSenderError`, `SystemError`, `ProbeError`, `AuditError`, `KeeperError`,
  ///   `ControlSocket.Busy`.
  static func open(
    _ options: LiveOptions, auditEvents: Bool = false, into file: String? = nil,
    isOwn: Bool = false, to auditTrail: AuditTrailOptions? = nil
  ) throws -> LiveSession {
    let signals = try StopSignals()
    // It has nothing of the tracer then: no descriptor, no mapping, no priority.
    let trail = try auditTrail?.open(options.privileges)
    Priority.raise()
    let (keeper, failure) = try options.keeping.open(verbose: options.capture.verbose)
    var source = try options.capture.open(keeper: keeper)
    if auditEvents { try source.openAudit().forEach { Diagnostics.warn("\($0)") } }
    KeeperWarnings.say(keeper, failure)
    if options.keeping.noKeep { KeeperWarnings.sayUnused(at: Keeper.defaultPath) }
    try source.takeBackUnfinished()
    try options.privileges.leaveKeeperOpen()
    let isAsked = !isOwn || options.control.control != nil
    let control = isAsked ? try options.control.open() : nil
    let socket = control == nil ? nil : options.control.path
    // The user may not open the terminal or find the service manager.
    let output =
      try file.map { try FileDescriptor.creating($0, overwriting: true) } ?? .patientOutput()
    let watchdog = Watchdog()
    if options.privileges.user != nil { KeeperWarnings.pinNow(keeper) }
    try options.privileges.becomeUser()
    return LiveSession(
      signals: signals, output: output, watchdog: watchdog, source: source, control: control,
      socket: socket, privileges: options.privileges, trail: trail,
      leavesRegistrations: ControlReply.Refusal.ofRegistrations(by: keeper, failure))
  }
}
