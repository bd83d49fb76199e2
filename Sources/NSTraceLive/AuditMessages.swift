// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Audit messages as the socket gave them, one behind the other: `struct nst_audit_message`, the text,
/// and padding.
///
/// The buffer is grown once and reused.
struct AuditMessages {
  private var storage: [UInt8] = []
  /// Where the first message begins.
  private var start = 0
  private var end = 0

  /// How many bytes wait.
  var count: Int { end - start }

  /// Lets `body` write messages into `room` spare bytes; it returns how many bytes it wrote.
  mutating func append(room: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
    makeRoom(room)
    let place = end
    unsafe storage.withUnsafeMutableBytes { storage in
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[place..<place + room])
      end += unsafe body(room)
    }
  }

  /// Appends one message.
  mutating func append(type: UInt32, _ text: [UInt8]) {
    let size = (MemoryLayout<nst_audit_message>.size + text.count + 7) & ~7
    let message = nst_audit_message(
      size: UInt32(size), text_bytes: UInt32(text.count), type: type, pad: 0)
    unsafe append(room: size) { room in
      unsafe room.storeBytes(of: message, as: nst_audit_message.self)
      let tail = unsafe room[MemoryLayout<nst_audit_message>.size...]
      unsafe UnsafeMutableRawBufferPointer(rebasing: tail).copyBytes(from: text)
      return size
    }
  }

  /// Hands over the first `bytes` bytes, message by message, and removes them.
  mutating func take(_ bytes: Int, _ body: (_ type: UInt32, _ text: Span<UInt8>) -> Void) {
    let taken = start + bytes
    while start < taken {
      let message = unsafe storage.span.bytes.unsafeLoad(
        fromByteOffset: start, as: nst_audit_message.self)
      let text = start + MemoryLayout<nst_audit_message>.size
      body(message.type, storage.span.extracting(text..<text + Int(message.text_bytes)))
      start += Int(message.size)
    }
    if start == end { (start, end) = (0, 0) }
  }

  private mutating func makeRoom(_ bytes: Int) {
    if end + bytes > storage.count, start > 0 {
      storage.replaceSubrange(0..<count, with: storage[start..<end])
      (start, end) = (0, count)
    }
    let missing = end + bytes - storage.count
    if missing > 0 { storage += [UInt8](repeating: 0, count: max(missing, storage.count)) }
  }
}
