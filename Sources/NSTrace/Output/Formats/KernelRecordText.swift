// SPDX-License-Identifier: Apache-2.0

/// A record of the kernel's audit for the formats that take its fields apart.
struct KernelRecordText {
  let type: KernelRecordType
  /// That of its whole event.
  let text: [UInt8]

  /// What is no field, with a space between the words: `avc: denied { read } for`.
  func words(in range: Range<Int>) -> [UInt8] {
    var words: [UInt8] = []
    var message: KernelField?
    var rest = KernelFields(range, of: type)
    while let token = rest.nextToken(in: text.span) {
      if token.form == .word { add(token, to: &words) }
      if token.form == .message { message = token }
    }
    guard let message else { return words }
    rest = KernelFields(message: message)
    while let token = rest.nextToken(in: text.span) {
      if token.form == .word { add(token, to: &words) }
    }
    return words
  }

  private func add(_ word: KernelField, to words: inout [UInt8]) {
    if !words.isEmpty { words.append(UInt8(ascii: " ")) }
    words += text[word.value]
  }
}
