// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The connection of one client: the part of a line that it has sent, and the answers that it has not read.
///
/// Both are bounded: an answer of many lines is made as the client reads it. An array must be able to
/// hold it, so it has no deinit and its owner calls `close()`.
struct ControlConnection {
  let descriptor: Int32
  /// Nil if the kernel does not say.
  let user: uid_t?
  /// Until when the tracer, and not the client, has something to do; its place is kept until then.
  private(set) var keptUntil: ContinuousClock.Instant
  private var isAnswered = false
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  /// The lines of an answer that are still to be made.
  private var lines: (any LineMaker)?
  /// The client sends nothing more, or nothing more is read from it.
  private var isDeaf = false
  private var hasFailed = false

  static let lineBytesMax = 64 << 10
  private static let outputBytesMax = 256 << 10
  /// How much of an answer of many lines is made at a time, once the client has read the piece before.
  private static let pieceBytes = 64 << 10

  /// How long a client may take from connect(2) to its request. A process can lose the processor in between.
  private static let silence = Duration.milliseconds(100)
  /// How long it may leave an answer unread.
  private static let patience = Duration.seconds(1)

  init(_ descriptor: Int32, at now: ContinuousClock.Instant) {
    self.descriptor = descriptor
    var user = uid_t.max
    self.user = nst_peer_user(descriptor, &user) == 0 ? user : nil
    keptUntil = now + Self.silence
  }

  /// For poll(2). After a whole line nothing more is read until that line has been answered.
  var events: Int16 {
    Int16((isDeaf || hasRequest ? 0 : POLLIN) | (output.isEmpty && lines == nil ? 0 : POLLOUT))
  }

  /// Whether a line waits for its answer, or is too long.
  var hasRequest: Bool {
    !hasFailed && lines == nil
      && (input.contains(0x0a) || input.count > Self.lineBytesMax)
  }

  /// Whether a part of an answer of many lines is still to be made.
  var isAnswering: Bool { !hasFailed && lines != nil }

  /// Whether the client has been answered or has gone, and nothing is left to do for it.
  var isServed: Bool {
    isOver || isAnswered && input.isEmpty && output.isEmpty && lines == nil
  }

  var isOver: Bool { hasFailed || isDeaf && !hasRequest && lines == nil && output.isEmpty }

  func close() { _ = Glibc.close(descriptor) }

  /// Reads once, and leaves the rest for the next turn, so that no client can keep the tracer busy.
  /// Who has sent half a line is not waited for: a request is one send(2).
  mutating func receive(at now: ContinuousClock.Instant) {
    guard !isDeaf, !hasFailed, !hasRequest, lines == nil else { return }
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    let count = read(descriptor, &piece, piece.count)
    if count > 0 {
      input += piece[..<count]
      keptUntil = hasRequest ? now + Self.patience : now
    } else if count == 0 {
      isDeaf = true
      if isOver { keptUntil = now }
    } else if errno != EAGAIN && errno != EINTR {
      hasFailed = true
    }
  }

  /// The next whole line, without newline; nil if there is none.
  /// - Throws: the answer to a line that is too long.
  mutating func takeLine() throws(ControlReply.Refusal) -> [UInt8]? {
    guard hasRequest else { return nil }
    let end = input.firstIndex(of: 0x0a) ?? input.endIndex
    guard end <= Self.lineBytesMax else {
      throw .protocolError("a line has at most \(Self.lineBytesMax) bytes")
    }
    let line = Array(input[..<end])
    input.removeSubrange(...end)
    return line
  }

  /// Queues an answer. A client that leaves too many unread is dropped.
  mutating func answer(
    _ reply: ControlReply, isLast: Bool = false, at now: ContinuousClock.Instant
  ) {
    output += reply.line
    if isLast {
      isDeaf = true
      input = []
    }
    send(at: now)
    if output.count > Self.outputBytesMax { hasFailed = true }
  }

  /// Begins an answer of many lines, which ends with `ControlReply.done`.
  mutating func answer(_ lines: any LineMaker, at now: ContinuousClock.Instant) {
    self.lines = lines
    send(at: now)
  }

  /// Gives up the connection and its answer.
  mutating func drop() {
    hasFailed = true
    lines = nil
    output = []
  }

  private mutating func makePiece() {
    guard var lines, output.isEmpty else { return }
    self.lines = nil
    var text = TextBuffer()
    while text.count < Self.pieceBytes {
      guard lines.writeNext(to: &text) else {
        output = text.bytes + ControlReply.done.line
        return
      }
    }
    output = text.bytes
    self.lines = lines
  }

  /// Sends as much as the client takes.
  mutating func send(at now: ContinuousClock.Instant) {
    makePiece()
    while !output.isEmpty, !hasFailed {
      let count = Glibc.send(descriptor, output, output.count, Int32(MSG_NOSIGNAL))
      if count > 0 {
        output.removeFirst(count)
        isAnswered = output.isEmpty && lines == nil
        keptUntil = isAnswered ? now : now + Self.patience
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        hasFailed = true
      }
    }
  }
}
