// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Glibc
internal import NSTrace

/// Asks a running tracer what processes belonged to, and never waits for it.
///
/// One request is under way at a time. If there is no answer within `patience`, or no tracer, it is said
/// so, and no other request is made for a second.
struct AuditInquiry: ~Copyable {
  private enum Phase {
    case idle
    case sending([UInt8])
    case receiving
  }

  /// What has become of a request.
  struct Outcome {
    var questions: [AnnotationQuestion]
    /// One for each question; nil: there are none.
    var answers: [AnnotationAnswer]?
  }

  private let path: String
  /// -1: not connected.
  private(set) var descriptor: Int32 = -1
  private var phase = Phase.idle
  private var asked: [AnnotationQuestion] = []
  private var reading = ControlAuditAnswer.Reading(count: 0)
  private var received: [UInt8] = []
  /// Until when the request that is under way may take.
  private var deadline = ContinuousClock.now
  /// When a request may be made.
  private var notBefore = ContinuousClock.now
  /// Why the last request had no answer; nil: it had one.
  private(set) var failure: String?

  private static let patience = Duration.seconds(2)
  private static let pause = Duration.seconds(1)
  /// A line of an answer names 1,000 events and the containers of one.
  private static let receivedMax = 1 << 20

  /// - Parameter path: the tracer's control socket.
  init(at path: String) { self.path = path }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether a request is under way.
  var isBusy: Bool { if case .idle = phase { false } else { true } }

  /// Whether a request would have no answer, because the last one has just had none.
  func isPausing(at now: ContinuousClock.Instant) -> Bool { now < notBefore }

  /// For poll(2).
  var polled: pollfd {
    let events = if case .sending = phase { POLLOUT } else { POLLIN }
    return pollfd(fd: isBusy ? descriptor : -1, events: Int16(events), revents: 0)
  }

  /// When `step` is due at the latest; nil: nothing is under way.
  var due: ContinuousClock.Instant? { isBusy ? deadline : nil }

  /// Begins a request.
  /// - Precondition: none is under way; 1,000 questions at most.
  mutating func ask(_ questions: [AnnotationQuestion], at now: ContinuousClock.Instant) {
    asked = questions
    reading = ControlAuditAnswer.Reading(count: questions.count)
    received = []
    deadline = now + Self.patience
    phase = .sending(ControlAuditQuery.line(questions))
    if isClosed { disconnect() }
  }

  /// Whether the tracer has gone since the last answer: without a request it sends nothing.
  private var isClosed: Bool {
    var connection = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return descriptor >= 0 && poll(&connection, 1, 0) > 0
  }

  private mutating func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Goes on with the request.
  /// - Returns: what has become of it; nil: it is still under way, or there is none.
  mutating func step(at now: ContinuousClock.Instant) -> Outcome? {
    guard isBusy else { return nil }
    do {
      if descriptor < 0 { try connect() }
      try send()
      if try receive() { return end(reading.answers) }
      guard now >= deadline else { return nil }
      throw SystemError("receive from the tracer on \(path)", errno: ETIMEDOUT)
    } catch is DecodingError {
      return fail("\(ControlAuditAnswer.Reading.Malformed())", at: now)
    } catch {
      return fail("\(error)", at: now)
    }
  }

  private mutating func end(_ answers: [AnnotationAnswer]) -> Outcome {
    phase = .idle
    failure = nil
    return Outcome(questions: asked, answers: answers)
  }

  private mutating func fail(_ reason: String, at now: ContinuousClock.Instant) -> Outcome {
    disconnect()
    phase = .idle
    failure = reason
    notBefore = now + Self.pause
    return Outcome(questions: asked, answers: nil)
  }

  private mutating func connect() throws {
    let address = try UnixAddress(path)
    let socket = try address.socket()
    guard address.connect(socket) else {
      let error = errno
      close(socket)
      guard [ENOENT, ENOTDIR, ECONNREFUSED].contains(error) else {
        throw SystemError("connect to \(path)", errno: error)
      }
      throw ControlClient.NoTracer(path: path)
    }
    descriptor = socket
    try ControlClient.checkListener(socket, path)
  }

  private mutating func send() throws {
    guard case .sending(var rest) = phase else { return }
    while !rest.isEmpty {
      let count = Glibc.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
      if count > 0 {
        rest.removeFirst(count)
      } else if errno == EAGAIN {
        phase = .sending(rest)
        return
      } else if errno != EINTR {
        throw SystemError("send to the tracer on \(path)", errno: errno)
      }
    }
    phase = .receiving
  }

  /// - Returns: whether the answer is whole.
  private mutating func receive() throws -> Bool {
    guard case .receiving = phase else { return false }
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count > 0 {
        received += piece[..<count]
        if try takeLines() { return true }
      } else if count == 0 {
        throw SystemError("receive from the tracer on \(path)", errno: ECONNRESET)
      } else if errno == EAGAIN {
        return false
      } else if errno != EINTR {
        throw SystemError("receive from the tracer on \(path)", errno: errno)
      }
    }
  }

  /// - Returns: whether the last line was among them.
  private mutating func takeLines() throws -> Bool {
    while let end = received.firstIndex(of: 0x0a) {
      let line = Array(received[..<end])
      received.removeSubrange(...end)
      guard ControlClient.heads.contains(where: line.starts) else { return try takeLast(line) }
      try reading.take(line)
    }
    guard received.count <= Self.receivedMax else { throw ControlAuditAnswer.Reading.Malformed() }
    return false
  }

  private func takeLast(_ line: [UInt8]) throws -> Bool {
    let reply = try JSONDecoder().decode(ControlReply.self, from: Data(line))
    guard reply.ok else { throw Refused(message: reply.message ?? "it gives no reason") }
    guard reading.isWhole else { throw ControlAuditAnswer.Reading.Malformed() }
    return true
  }

  /// The tracer does not answer.
  private struct Refused: Error, CustomStringConvertible {
    let message: String
    var description: String { "the tracer refuses: \(message)" }
  }
}
