// SPDX-License-Identifier: Apache-2.0

/// The copy of one container: its serials, its queue, and its file while that is open.
///
/// A class, because a noncopyable value cannot stand in an array.
final class Route {
  let id: ContainerID
  let rule: RouteRule
  private var writer: RecordWriter<AnyFormat>
  /// The stamp of the event that was written last.
  private var last = AuditEvent()
  /// An event of the kernel's audit whose other records follow: the kernel's number of it, and the copy's.
  private var continued: (kernel: UInt64, own: UInt64)?
  /// When it was last used, by the number of copies.
  var used: UInt64 = 0
  /// Whether the container has ended.
  var hasEnded = false
  /// Whether a file or socket is open.
  private(set) var isOpen = false
  /// When the file is tried again.
  var retry = ContinuousClock.now
  /// Why the file could not be opened; nil: it was, or was not tried.
  var refusal: SystemError?
  private var told = RouteNotice.Told()

  init(_ rule: RouteRule, typeBase: UInt32, _ limits: RouteLimits) {
    id = rule.id
    self.rule = rule
    let format: AnyFormat =
      switch rule.format {
      case .audit: .audit(AuditLineFormat(spelling: .numbers(base: typeBase)))
      case .json: .json(JSONLinesFormat())
      }
    writer = RecordWriter(
      format, routeNamed: Self.name(of: rule), waitingMax: limits.waiting,
      isPatient: limits.isPatient)
  }

  private static func name(of rule: RouteRule) -> String { rule.socket ?? rule.fileName }

  /// Writes an event under the copy's next serial.
  func write(_ event: inout AuditEvent) {
    last.serial += 1
    (last.timeNs, last.bootNs, last.nsfsDev) = (event.timeNs, event.bootNs, event.nsfsDev)
    last.view = EventView(ownsSubject: false)
    event.serial = last.serial
    writer.write(event)
  }

  /// The same of an event of the kernel's audit: its own number would tell how many others there were.
  func write(_ event: inout KernelEvent) {
    let serial = ownSerial(of: event)
    (last.timeNs, last.view) = (event.timeNs, EventView(ownsSubject: false))
    event.serial = serial
    writer.write(event)
  }

  /// The parts of one event have one.
  private func ownSerial(of event: borrowing KernelEvent) -> UInt64 {
    var own = last.serial + 1
    if let continued, continued.kernel == event.serial { own = continued.own }
    continued = event.isContinued ? (event.serial, own) : nil
    last.serial = max(last.serial, own)
    return own
  }

  /// Goes on in a file.
  func take(_ file: consuming FileDescriptor) {
    writer.reopen(file)
    isOpen = true
    refusal = nil
  }

  /// Closes the file until there is more to write. What it has not taken is left out.
  func close() {
    if !isOpen { return }
    writer.release(after: last)
    isOpen = false
  }

  func flush() { writer.flush() }
  func drain() { writer.drain() }
  func finish(waiting milliseconds: Int32) { writer.finish(waiting: milliseconds) }

  var state: OutputState { writer.state }
  /// Whether it has all that was written.
  var hasCaughtUp: Bool { writer.hasCaughtUp }

  /// What there is to say about it since this was last asked.
  func takeNotice() -> RouteNotice? {
    var state = writer.state
    state.failure = refusal ?? state.failure
    return told.notice(of: Self.name(of: rule), state)
  }
}
