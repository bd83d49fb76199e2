// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

extension PrintedRecord {
  /// Reads `type=T msg=audit(SECONDS.MILLISECONDS:SERIAL): NAME=VALUE …` as auparse splits it: at
  /// blanks outside of quotes, and in the same way inside msg='…'. Nil: the line is of another
  /// shape.
  init?(auditLine line: ArraySlice<UInt8>) {
    self.init()
    var rest = line
    guard rest.take("type="[...]), let type = rest.take(to: " "), setType(type),
      rest.take("msg=audit("[...]), rest.take(to: ":") != nil, let serial = rest.take(to: ")"),
      setSerial(serial), rest.take(": "[...])
    else { return nil }
    if rest.isEmpty { return nil }
    while !rest.isEmpty {
      guard let name = rest.take(to: "=") else { return nil }
      guard name.elementsEqual("msg".utf8), rest.first == UInt8(ascii: "'") else {
        guard takeValue(of: name, from: &rest) else { return nil }
        continue
      }
      guard rest.count > 1, rest.removeLast() == UInt8(ascii: "'") else { return nil }
      rest.removeFirst()
    }
  }

  /// Takes a value; false: it ends in the wrong way.
  private mutating func takeValue(
    of name: ArraySlice<UInt8>, from rest: inout ArraySlice<UInt8>
  ) -> Bool {
    let isQuoted = rest.first == UInt8(ascii: "\"")
    if isQuoted { rest.removeFirst() }
    let end = rest.firstIndex(of: isQuoted ? UInt8(ascii: "\"") : UInt8(ascii: " "))
    guard let end = end ?? (isQuoted ? nil : rest.endIndex) else { return false }
    let value = rest[..<end]
    rest = rest[end...]
    if isQuoted { rest.removeFirst() }
    guard rest.isEmpty || (rest.removeFirst() == UInt8(ascii: " ") && !rest.isEmpty) else {
      return false
    }
    return add(name, value, isQuoted: isQuoted)
  }
}

extension ArraySlice<UInt8> {
  /// Takes what stands before the first such byte, and drops that byte; nil: there is none.
  fileprivate mutating func take(to end: Unicode.Scalar) -> Self? {
    guard let index = firstIndex(of: UInt8(ascii: end)) else { return nil }
    defer { self = self[(index + 1)...] }
    return self[..<index]
  }

  /// Drops a prefix; false: the text begins in another way.
  fileprivate mutating func take(_ head: Substring) -> Bool {
    guard starts(with: head.utf8) else { return false }
    removeFirst(head.utf8.count)
    return true
  }
}
