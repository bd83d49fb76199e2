// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Writes what auditd gives its plugin to a log, with the CONTAINER_ID lines that a tracer's answers give.
///
/// It always reads, whatever the tracer and the disk do, because auditd drops events that a plugin does
/// not read.
struct AudispRun: ~Copyable {
  private let control: String
  private var file: AnnotatedFile
  private let signals: StopSignals
  private var annotator: LogAnnotator
  private var lines = LineBuffer()
  private var inquiry: AuditInquiry
  /// The questions that have not been asked, in the order of their events.
  private var waiting: [AnnotationQuestion] = []
  /// When the first of them is asked: what an event did may be reported some time after its stamp.
  private var askDue: ContinuousClock.Instant?
  /// When the last line came.
  private var lastLine = ContinuousClock.now
  private var hasEnded = false
  private var warning = PacedWarning()

  /// How long questions are gathered. A tracer's answer takes into account what was reported before.
  private static let gathering = Duration.milliseconds(20)
  /// How long no line comes until the open events are complete.
  private static let silence = Duration.seconds(2)

  /// - Parameters:
  ///   - file: the log.
  ///   - control: the tracer's control socket.
  ///   - node: what auditd calls this host in `node=`.
  /// - Throws: `SystemError`.
  init(
    to file: consuming AnnotatedFile, control: String, node: String
  ) throws(SystemError) {
    self.file = file
    annotator = LogAnnotator(.plugin(node: Array(node.utf8)))
    self.control = control
    inquiry = AuditInquiry(at: control)
    signals = try StopSignals()
  }

  /// Runs until auditd closes the input, or SIGTERM.
  /// - Returns: what has become of the events.
  /// - Throws: `SystemError` if the input cannot be read.
  mutating func run() throws -> AnnotationCounts {
    while !hasEnded { try step() }
    annotator.closeAll()
    gather()
    // What was asked is waited for, and no longer than an answer may take.
    while !waiting.isEmpty || inquiry.isBusy { try wait(.now, mayRead: false) }
    write()
    file.saysLeftOut()
    warn(isLast: true)
    return annotator.counts
  }

  /// Why the log could not be written at the end; nil: it was.
  var failure: SystemError? { file.failure }

  private mutating func step() throws {
    let now = ContinuousClock.now
    if now >= lastLine + Self.silence { annotator.closeAll() }
    gather()
    try wait(now, mayRead: true)
    warn()
  }

  /// Waits for input, answers and signals.
  private mutating func wait(_ now: ContinuousClock.Instant, mayRead: Bool) throws {
    ask(at: now)
    // Without a tracer there are answers already.
    write()
    var polled = [
      pollfd(fd: mayRead ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0), inquiry.polled,
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    poll(&polled, nfds_t(polled.count), patienceMilliseconds(at: now))
    if polled[2].revents != 0 { try takeSignals() }
    // A signal may have had all read that there was.
    if polled[0].revents != 0, !hasEnded { try read() }
    take(inquiry.step(at: .now))
  }

  private func patienceMilliseconds(at now: ContinuousClock.Instant) -> Int32 {
    var due = now + Self.silence
    if let askDue { due = min(due, askDue) }
    if let inquiryDue = inquiry.due { due = min(due, inquiryDue) }
    let left = (due - now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 2000))
  }

  private mutating func takeSignals() throws {
    while let request = signals.next() {
      switch request {
      case .resize: continue
      case .reopenLog: reopen()
      case .interrupt, .stop:
        // auditd stops its plugins by SIGTERM, and what it has sent before is still there.
        while !hasEnded, Self.isReadable { try read() }
        hasEnded = true
      }
    }
  }

  private mutating func reopen() {
    do throws(SystemError) {
      try file.reopen()
    } catch {
      PacedWarning.tell("\(error): events still go to the old log")
    }
  }

  private static var isReadable: Bool {
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&input, 1, 0) > 0 && input.revents & Int16(POLLIN) != 0
  }

  private mutating func write() {
    annotator.release()
    file.write(&annotator.output)
  }
}

// MARK: - Lines

extension AudispRun {
  private mutating func read() throws {
    lastLine = .now
    hasEnded = try !lines.fill { buffer in try Self.readInput(into: buffer) }
    while let piece = lines.next() {
      if annotator.isFull { makeRoom() }
      try take(piece)
    }
  }

  private static func readInput(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw SystemError("read standard input", errno: errno) }
    }
  }

  private mutating func take(_ piece: LineBuffer.Piece) throws(AnnotationError) {
    let bytes = lines.bytes
    try Self.put(piece, bytes, into: &annotator)
  }

  private static func put(
    _ piece: LineBuffer.Piece, _ bytes: [UInt8], into annotator: inout LogAnnotator
  ) throws(AnnotationError) {
    switch piece {
    case .line(let range): try annotator.take(bytes.span.extracting(range))
    case .cut(let range):
      annotator.take(cut: bytes.span.extracting(range))
      annotator.endLine()
    case .long(let range, let isFirst):
      annotator.take(long: bytes.span.extracting(range), isFirst: isFirst)
    }
  }

  /// The tracer does not answer as fast as events come.
  private mutating func makeRoom() {
    gather()
    annotator.release()
    guard annotator.isFull else { return }
    waiting = []
    askDue = nil
    annotator.giveUp()
    annotator.release()
  }
}

// MARK: - Questions

extension AudispRun {
  private mutating func gather() {
    let questions = annotator.takeQuestions()
    if questions.isEmpty { return }
    if waiting.isEmpty { askDue = .now + Self.gathering }
    waiting += questions
  }

  private mutating func ask(at now: ContinuousClock.Instant) {
    if inquiry.isPausing(at: now), !waiting.isEmpty {
      take(AuditInquiry.Outcome(questions: waiting, answers: nil))
      waiting = []
      askDue = nil
    }
    guard !inquiry.isBusy, !waiting.isEmpty, let askDue,
      now >= askDue || waiting.count >= ControlAuditQuery.limit
    else { return }
    inquiry.ask(Array(waiting.prefix(ControlAuditQuery.limit)), at: now)
    waiting.removeFirst(min(waiting.count, ControlAuditQuery.limit))
    self.askDue = waiting.isEmpty ? nil : now
    take(inquiry.step(at: now))
  }

  private mutating func take(_ outcome: AuditInquiry.Outcome?) {
    guard let outcome else { return }
    for (index, question) in outcome.questions.enumerated() {
      annotator.answer(question, outcome.answers?[index] ?? .unanswered)
    }
  }

  /// Says once a minute what was not done.
  private mutating func warn(isLast: Bool = false) {
    let missing = annotator.counts.unanswered
    warning.tell(missing: missing, file.leftOut, isLast: isLast) { unanswered, lines in
      var parts: [String] = []
      if unanswered > 0 {
        let reason = inquiry.failure ?? "the tracer is slow"
        parts.append("\(unanswered) events without container IDs, because \(reason)")
      }
      if lines > 0 {
        let reason = file.failure.map { "\($0)" } ?? "the log had no room"
        parts.append("\(lines) lines are left out of the log: \(reason)")
      }
      return parts.joined(separator: "; ")
    }
  }
}
