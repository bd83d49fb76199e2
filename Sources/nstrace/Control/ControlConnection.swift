// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One client: what it has sent of a line, and what it has not read of the answers.
///
/// Both are bounded. It is a value that a list can hold, so `close()` is its owner's to call.
struct ControlConnection {
  let descriptor: Int32
  /// When it last sent or took something, as a count.
  var lastHeard: UInt64
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  /// It will send nothing more, or is not listened to any more.
  private var isDeaf = false
  private var hasFailed = false

  static let lineBytesMax = 64 << 10
  private static let outputBytesMax = 256 << 10

  init(_ descriptor: Int32, heard: UInt64) {
    self.descriptor = descriptor
    lastHeard = heard
  }

  /// For poll(2). Who has sent a whole line is not read from before it has been answered.
  var events: Int16 {
    Int16((isDeaf || hasRequest ? 0 : POLLIN) | (output.isEmpty ? 0 : POLLOUT))
  }

  /// There is a line to be answered, or one that is too long.
  var hasRequest: Bool {
    !hasFailed && (input.contains(0x0a) || input.count > Self.lineBytesMax)
  }

  var isOver: Bool { hasFailed || isDeaf && !hasRequest && output.isEmpty }

  func close() { _ = Glibc.close(descriptor) }

  /// Reads once; the rest is left for the next turn, so that nobody can keep the tracer busy.
  mutating func receive() {
    guard !isDeaf, !hasFailed, !hasRequest else { return }
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

  /// Writes what the peer takes.
  mutating func send() {
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
