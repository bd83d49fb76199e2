// SPDX-License-Identifier: Apache-2.0

/// How far a text of whole lines has been written.
struct LineProgress: Equatable {
  /// The bytes of the lines that were written whole.
  var whole = 0
  /// The bytes that were written of the line after them.
  var part = 0

  init() {}

  /// - Parameter done: the number of bytes that were written.
  init(_ text: UnsafeRawBufferPointer, _ done: Int) {
    let end = unsafe text[..<done].lastIndex(of: UInt8(ascii: "\n"))
    whole = end.map { $0 + 1 } ?? 0
    part = done - whole
  }
}
