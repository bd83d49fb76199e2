// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// One client: what it has sent of a line, and what it has not read of the answers.
///
/// Both are bounded: an answer of many lines is made as the client takes it. It is a value that a list can hold, so `close()` is its owner's to call.
struct ControlConnection {
  let descriptor: Int32
  /// When it last sent or took something, as a count.
  var lastHeard: UInt64
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  /// What of an answer is still to be made.
  private var lines: (any LineMaker)?
  /// It will send nothing more, or is not listened to any more.
  private var isDeaf = false
  private var hasFailed = false

  static let lineBytesMax = 64 << 10
  private static let outputBytesMax = 256 << 10
  /// Of an answer of many lines: made when what was made before has been taken, once a turn.
  private static let pieceBytes = 64 << 10

  init(_ descriptor: Int32, heard: UInt64) {
    self.descriptor = descriptor
    lastHeard = heard
  }

  /// For poll(2). Who has sent a whole line is not read from before it has been answered.
  var events: Int16 {
    Int16((isDeaf || hasRequest ? 0 : POLLIN) | (output.isEmpty && lines == nil ? 0 : POLLOUT))
  }

  /// There is a line to be answered, or one that is too long.
  var hasRequest: Bool {
    !hasFailed && lines == nil
      && (input.contains(0x0a) || input.count > Self.lineBytesMax)
  }

  /// It has not been given the whole of an answer of many lines.
  var isBeingTold: Bool { !hasFailed && lines != nil }

  var isOver: Bool { hasFailed || isDeaf && !hasRequest && lines == nil && output.isEmpty }

  func close() { _ = Glibc.close(descriptor) }

  /// Reads once; the rest is left for the next turn, so that nobody can keep the tracer busy.
  mutating func receive() {
    guard !isDeaf, !hasFailed, !hasRequest, lines == nil else { return }
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    let count = read(descriptor, &piece, piece.count)
    if count > 0 {
      input += piece[..<count]
    } else if count == 0 {
      isDeaf = true
    } else if errno != EAGAIN && errno != EINTR {
      hasFailed = true
    }
  }

  /// The next whole line.
  /// - Throws: what to answer when it is too long.
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

  /// Queues an answer. Who lets too many lie is dropped.
  mutating func answer(_ reply: ControlReply, isLast: Bool = false) {
    output += reply.line
    if isLast {
      isDeaf = true
      input = []
    }
    send()
    if output.count > Self.outputBytesMax { hasFailed = true }
  }

  /// Begins an answer of many lines, and behind them `ControlReply.done`.
  mutating func answer(_ lines: any LineMaker) {
    self.lines = lines
    send()
  }

  /// Gives its answer up, and the connection with it.
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

  /// Writes what the peer takes.
  mutating func send() {
    makePiece()
    while !output.isEmpty, !hasFailed {
      let count = Glibc.send(descriptor, output, output.count, Int32(MSG_NOSIGNAL))
      if count > 0 {
        output.removeFirst(count)
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        hasFailed = true
      }
    }
  }
}
