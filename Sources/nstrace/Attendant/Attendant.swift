// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The process beside the tracer that opens, moves and removes the files that the sandbox forbids the
/// tracer (docs/security.md). It ends with this value.
///
/// The tracer waits for it `patienceMilliseconds` at most. A reply that comes later answers the next
/// request of the same kind.
///
/// A class, because a run and its log share it.
final class Attendant {
  /// Readable once a late reply has come, or the attendant has ended; -1: it has ended, and this is known.
  private(set) var descriptor: Int32
  let pid: pid_t
  /// Readable once the attendant has ended.
  private let pidfd: Int32
  private let log: String
  /// Where containers' copies are.
  private let routes: RouteNames?
  private var serial: UInt32 = 0
  /// How many records the kernel's audit has lost, as last heard and not taken yet.
  private var auditLost: UInt32?
  /// The request that has not been answered in time, or that nobody waits for; nil: none.
  private(set) var late: AttendantRequest?

  private static let patienceMilliseconds: Int32 = 1000
  /// A busy machine may take its time to start it, and nothing is traced yet.
  private static let startMilliseconds: Int32 = 10_000

  /// - Parameter pid: of a child that speaks at the other end of `descriptor`.
  init(pid: pid_t, descriptor: Int32, log: String, routes: RouteNames? = nil) {
    self.pid = pid
    self.descriptor = descriptor
    self.log = log
    self.routes = routes
    pidfd = nst_attendant_pidfd(pid)
  }

  /// Forks the attendant. Call it while the process has one thread, after files were opened and before
  /// the sandbox is entered.
  /// - Throws: `SystemError`, also if the attendant cannot enter its own sandbox.
  static func start(_ plan: AttendantPlan) throws(SystemError) -> Attendant {
    let (pid, descriptor) = plan.start()
    guard pid > 0 else { throw SystemError("start the attendant", errno: -pid) }
    let attendant = Attendant(
      pid: pid, descriptor: descriptor, log: plan.log ?? "", routes: plan.routes)
    let error = attendant.errorOfStart()
    guard error == 0 else { throw SystemError("start the attendant", errno: error) }
    return attendant
  }

  /// Waits until it is in its own sandbox.
  private func errorOfStart() -> Int32 {
    guard Self.wait(for: descriptor, milliseconds: Self.startMilliseconds) else { return ETIMEDOUT }
    do throws(SystemError) {
      return try receive()?.error ?? EPIPE
    } catch {
      return error.errno
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    // It removes the control socket at its end.
    if pidfd >= 0 {
      nst_attendant_reap(pid, pidfd, Self.patienceMilliseconds)
      close(pidfd)
    }
  }

  /// Whether a request that somebody waits for has not been answered in time.
  var isLate: Bool { late != nil && late != .auditLost }

  /// Opens the log again, as `FileDescriptor.appending` does.
  /// - Throws: `SystemError`; ETIMEDOUT: the reply may still come, ask again when `descriptor` is readable.
  func reopenLog() throws(SystemError) -> FileDescriptor { try askForFile(.reopenLog) }

  /// Moves the log to LOG.1, each older one up by one, and opens a new one.
  /// - Throws: as `reopenLog`.
  func rotateLog() throws(SystemError) -> FileDescriptor { try askForFile(.rotateLog) }

  /// Removes the oldest of the rotated logs, to make room.
  /// - Throws: `SystemError`; ENOENT: there is none.
  func removeOldestLog() throws(SystemError) { _ = try ask(.removeOldestLog) }

  /// Pins the keeper.
  /// - Throws: `SystemError`; EEXIST: something is pinned there.
  func pinKeeper() throws(SystemError) { _ = try ask(.pinKeeper) }

  /// Removes the keeper's pins.
  /// - Throws: `SystemError`
  func unpinKeeper() throws(SystemError) { _ = try ask(.unpinKeeper) }

  /// Removes the keeper's pins, and leaves which numbers were given.
  /// - Throws: `SystemError`
  func restKeeper() throws(SystemError) { _ = try ask(.restKeeper) }

  /// Asks how many records the kernel's audit has lost, without waiting, unless another request is under
  /// way. `takeLate` takes the reply, and `takeAuditLost` gives it.
  /// - Throws: `SystemError`
  func beginAuditLost() throws(SystemError) {
    guard late == nil else { return }
    try send(.auditLost)
    late = .auditLost
  }

  /// The same, and waits for the reply.
  /// - Throws: as `reopenLog`.
  func askAuditLost() throws(SystemError) {
    if late == .auditLost { return hearAuditLost() }
    auditLost = try ask(.auditLost).number
  }

  /// Gives the number that was heard since the last call.
  func takeAuditLost() -> UInt32? {
    defer { auditLost = nil }
    return auditLost
  }

  /// Opens the file of a container's copy, as `RouteDirectory.open` does.
  /// - Throws: as `reopenLog`.
  func openRoute(_ id: ContainerID) throws(SystemError) -> FileDescriptor {
    try askForFile(.openRoute(id))
  }

  /// Takes the reply to the request that was late.
  /// - Returns: the file that it carries; nil: none, or nothing was late.
  /// - Throws: as `reopenLog`.
  func takeLate() throws(SystemError) -> FileDescriptor? {
    switch late {
    case .reopenLog?: return try reopenLog()
    case .rotateLog?: return try rotateLog()
    case .removeOldestLog?: try removeOldestLog()
    case .pinKeeper?: try pinKeeper()
    case .unpinKeeper?: try unpinKeeper()
    case .restKeeper?: try restKeeper()
    case .auditLost?: auditLost = try ask(.auditLost).number
    case .openRoute(let id)?: return try openRoute(id)
    case nil: break
    }
    return nil
  }

  /// Notices that it has ended, or says something unasked: it is not asked again then.
  /// - Returns: whether it has, and this was not known before.
  func hasEnded() -> Bool {
    var state = pollfd(fd: descriptor, events: late == nil ? Int16(POLLIN) : 0, revents: 0)
    guard descriptor >= 0, poll(&state, 1, 0) > 0 else { return false }
    abandon()
    return true
  }
}

// MARK: - Requests and replies

extension Attendant {
  private struct Reply {
    var serial: UInt32
    var step: UInt32
    var error: Int32
    /// -1: none.
    var file: Int32
    var number: UInt32
  }

  private func askForFile(
    _ request: AttendantRequest
  ) throws(SystemError) -> FileDescriptor {
    let file = try ask(request).file
    let name = name(of: request)
    guard file >= 0 else { throw SystemError("open \(name)", errno: EBADMSG) }
    return FileDescriptor(received: file, name: name)
  }

  /// The file that a request is about, in messages.
  private func name(of request: AttendantRequest) -> String {
    guard case .openRoute(let id) = request else { return log }
    return routes?.path(of: id) ?? ""
  }

  private func ask(_ request: AttendantRequest) throws(SystemError) -> Reply {
    if late == .auditLost, request != .auditLost { hearAuditLost() }
    try send(request)
    guard Self.wait(for: descriptor, milliseconds: patience) else { throw timeOut(request) }
    guard let reply = try receive() else { throw timeOut(request) }
    late = nil
    // There is one request at a time, so that no honest attendant replies to another.
    guard reply.serial == serial, request.isAnsweredByFile || reply.file < 0 else {
      if reply.file >= 0 { close(reply.file) }
      abandon()
      throw SystemError("understand the attendant", errno: EBADMSG)
    }
    guard reply.error == 0 else {
      if reply.file >= 0 { close(reply.file) }
      throw failure(reply, of: name(of: request))
    }
    return reply
  }

  /// Waits for the number that nobody has waited for, to make room for another request. What goes wrong
  /// is told at the next question.
  private func hearAuditLost() {
    guard Self.wait(for: descriptor, milliseconds: Self.patienceMilliseconds) else { return }
    auditLost = (try? ask(.auditLost))?.number
  }

  /// A request that has timed out is not waited for again.
  private var patience: Int32 { late == nil ? Self.patienceMilliseconds : 0 }

  private func timeOut(_ request: AttendantRequest) -> SystemError {
    late = late ?? request
    return SystemError("hear from the attendant", errno: ETIMEDOUT)
  }

  /// Sends the request, unless it was sent before and its reply is awaited.
  private func send(_ request: AttendantRequest) throws(SystemError) {
    guard descriptor >= 0 else {
      throw SystemError("ask the attendant, which has ended", errno: EPIPE)
    }
    if let late {
      guard late == request else {
        throw SystemError("ask the attendant, which is busy", errno: EBUSY)
      }
      return
    }
    serial &+= 1
    var message = nst_attendant_request(
      serial: serial, kind: request.kind, contid_high: request.container.high,
      contid_low: request.container.low)
    let result = nst_attendant_send(descriptor, &message)
    guard result == 0 else { throw SystemError("ask the attendant", errno: -result) }
  }

  /// The next reply; nil: there is none yet.
  private func receive() throws(SystemError) -> Reply? {
    var raw = nst_attendant_reply()
    var file: Int32 = -1
    let result = nst_attendant_receive(descriptor, &raw, &file)
    if result == -EAGAIN { return nil }
    guard result == 1 else {
      if file >= 0 { close(file) }
      throw SystemError("hear from the attendant", errno: result == 0 ? EPIPE : -result)
    }
    return Reply(
      serial: raw.serial, step: raw.step, error: raw.error, file: file, number: raw.number)
  }

  private static func wait(for descriptor: Int32, milliseconds: Int32) -> Bool {
    var fd = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&fd, 1, milliseconds) > 0
  }

  private func abandon() {
    close(descriptor)
    descriptor = -1
    late = nil
    nst_attendant_reap(pid, pidfd, 0)
  }

  /// In the words of `FileDescriptor.appending`.
  private func failure(_ reply: Reply, of file: String) -> SystemError {
    switch (nst_attendant_step(reply.step), reply.error) {
    case (NST_ATTENDANT_OPEN, ELOOP):
      SystemError("write through the symbolic link \(file)", errno: ELOOP)
    case (NST_ATTENDANT_OPEN, let error): SystemError("open \(file)", errno: error)
    case (NST_ATTENDANT_OWN, EPERM):
      SystemError("write to \(file), which is another user's: remove it", errno: EPERM)
    case (NST_ATTENDANT_OWN, EMLINK):
      SystemError("write to \(file), which has another name too: remove it", errno: EMLINK)
    case (NST_ATTENDANT_OWN, EINVAL):
      SystemError("write to \(file), which is no regular file: remove it", errno: EINVAL)
    case (NST_ATTENDANT_OWN, EACCES):
      SystemError("write to \(file), to which others may write: remove it", errno: EACCES)
    case (NST_ATTENDANT_OWN, let error): SystemError("look at \(file)", errno: error)
    case (NST_ATTENDANT_RENAME, let error): SystemError("rotate \(log)", errno: error)
    case (NST_ATTENDANT_REMOVE, let error): SystemError("remove a rotated \(log)", errno: error)
    case (NST_ATTENDANT_PIN, let error): SystemError("pin or unpin the keeper", errno: error)
    case (NST_ATTENDANT_AUDIT, let error):
      SystemError("ask the kernel of its audit", errno: error)
    case (_, let error): SystemError("have the attendant do it", errno: error)
    }
  }
}
