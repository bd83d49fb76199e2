// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

extension PrintedRecord {
  /// Reads an object of JSON Lines. Its values are strings, numbers, truth values, null, and arrays
  /// of strings. Nil: the line is of another shape.
  init?(jsonLine line: ArraySlice<UInt8>) {
    self.init()
    var text = JSONText(line)
    guard text.take("{"), text.string() == Array("type".utf8), text.take(":"),
      let type = text.string(), setType(type[...])
    else { return nil }
    while text.take(",") {
      guard let key = text.string(), text.take(":"), let value = text.value() else { return nil }
      let name = key.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
      guard add(name[...], value.text, isQuoted: value.isString) else { return nil }
    }
    guard text.take("}"), text.isAtEnd, let serial = self["serial"], setSerial(serial) else {
      return nil
    }
  }
}

/// The tokens of one line of JSON, without blanks between them, as nstrace writes it.
private struct JSONText {
  private var rest: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) { rest = text }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: byte) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func value() -> (text: [UInt8], isString: Bool)? {
    switch rest.first {
    case UInt8(ascii: "\""): return string().map { ($0, true) }
    case UInt8(ascii: "["): return array().map { ($0, false) }
    default: return word().map { ($0, false) }
    }
  }

  /// Takes a number or a truth value.
  private mutating func word() -> [UInt8]? {
    let word = Array(rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") })
    rest.removeFirst(word.count)
    switch String(decoding: word, as: UTF8.self) {
    case "true": return [UInt8(ascii: "1")]
    case "false": return [UInt8(ascii: "0")]
    case "null": return [UInt8(ascii: "?")]
    case let number:
      // nstrace prints only whole numbers.
      return UInt64(number) != nil || Int64(number) != nil ? word : nil
    }
  }

  private mutating func array() -> [UInt8]? {
    guard take("[") else { return nil }
    if take("]") { return [] }
    var text: [UInt8] = []
    repeat {
      guard let element = string() else { return nil }
      if !text.isEmpty { text.append(UInt8(ascii: ",")) }
      text += element
    } while take(",")
    return take("]") ? text : nil
  }

  mutating func string() -> [UInt8]? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return text
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        text += Array(String(scalar).utf8)
      case ..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> Unicode.Scalar? {
    switch rest.popFirst() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "u"):
      let digits = rest.prefix(4)
      rest = rest.dropFirst(4)
      guard digits.count == 4 else { return nil }
      return UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
    default: return nil
    }
  }
}
