// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Audit messages that were read, until the stream has handed out what happened before.
struct AuditBacklog {
  /// What was read at one time.
  struct Part {
    /// The size of its messages: bytes.
    var bytes: Int
    /// How far the ring was written then. All that happened before stands before that.
    var ringMark: UInt64
    /// When it was read: CLOCK_BOOTTIME, nanoseconds.
    var timeNs: UInt64
    /// CLOCK_REALTIME minus CLOCK_BOOTTIME then: nanoseconds.
    var offsetNs: Int64
    /// What is missing behind it.
    var loss: AuditLoss?
  }

  var messages = AuditMessages()
  private var parts: [Part] = []

  /// The most bytes that wait. Beyond, the socket is not read, and the kernel counts what overflows.
  static let bytesMax = 8 << 20

  var isEmpty: Bool { parts.isEmpty }
  var isFull: Bool { messages.count >= Self.bytesMax }

  /// Notes what was added to `messages`, or a loss.
  mutating func add(_ part: Part) { parts.append(part) }

  /// Whether the stream has handed out all that happened before the oldest part.
  func isDue(_ ringTaken: UInt64) -> Bool { parts.first.map { $0.ringMark <= ringTaken } ?? false }

  /// Hands over the oldest part, and removes it.
  mutating func takePart(
    _ body: (_ part: Part, _ type: UInt32, _ text: Span<UInt8>) -> Void
  ) -> Part {
    let part = parts.removeFirst()
    messages.take(part.bytes) { body(part, $0, $1) }
    return part
  }
}
