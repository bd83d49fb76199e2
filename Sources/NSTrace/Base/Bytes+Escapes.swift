// SPDX-License-Identifier: Apache-2.0

extension Collection<UInt8> {
  /// The text without its escapes: each `introducer` with `count` digits of a number below 256
  /// becomes that byte.
  package func unescaped(_ introducer: StaticString, digits count: Int, radix: Int) -> [UInt8] {
    var rest = self[...]
    var bytes: [UInt8] = []
    while let byte = rest.first {
      if let digits = rest.dropping(prefix: introducer)?.prefix(count), digits.count == count,
        let value = Self.value(of: digits, radix: radix)
      {
        bytes.append(value)
        rest = rest[digits.endIndex...]
      } else {
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    return bytes
  }

  /// The rest behind `prefix`; nil: the text does not begin with it.
  func dropping(prefix: StaticString) -> SubSequence? {
    let count = prefix.utf8CodeUnitCount
    return self.prefix(count).elementsEqual("\(prefix)".utf8) ? dropFirst(count) : nil
  }

  private static func value(of digits: SubSequence, radix: Int) -> UInt8? {
    var value = 0
    for byte in digits {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < radix else {
        return nil
      }
      value = value * radix + digit
    }
    return UInt8(exactly: value)
  }
}
