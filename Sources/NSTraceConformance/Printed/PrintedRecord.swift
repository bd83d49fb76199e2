// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// One line of text as its reader sees it: a type, a serial, and fields by the names of audit
/// lines.
///
/// A value is what follows the name, without quotes. In JSON, `true` and `false` become 1 and 0,
/// `null` a question mark, and an array its strings with commas between them.
struct PrintedRecord {
  private struct Field {
    var name: Range<Int>
    var value: Range<Int>
    var isQuoted: Bool
  }

  private(set) var type = RecordType.syscall
  private(set) var serial: UInt64 = 0
  private var text: [UInt8] = []
  private var fields: [Field] = []

  init() {}

  /// Sets the type; false: there is no such type.
  mutating func setType(_ name: ArraySlice<UInt8>) -> Bool {
    guard let type = RecordType.allCases.first(where: { name.elementsEqual($0.name) }) else {
      return false
    }
    self.type = type
    return true
  }

  /// Sets the serial; false: the digits are no number.
  mutating func setSerial(_ digits: ArraySlice<UInt8>) -> Bool {
    guard let serial = Self.number(digits, radix: 10) else { return false }
    self.serial = serial
    return true
  }

  /// Adds a field; false: the name is there already, and a reader could take either.
  mutating func add(
    _ name: ArraySlice<UInt8>, _ value: some Collection<UInt8>, isQuoted: Bool
  ) -> Bool {
    if name.isEmpty || name.contains(UInt8(ascii: " ")) { return false }
    if fields.contains(where: { text[$0.name].elementsEqual(name) }) {
      return false
    }
    let start = text.count
    text += name
    let end = text.count
    text += value
    fields.append(Field(name: start..<end, value: end..<text.count, isQuoted: isQuoted))
    return true
  }

  private func field(_ name: StaticString) -> Field? {
    fields.first { text[$0.name].elementsEqual(name) }
  }
}

// MARK: - Values

extension PrintedRecord {
  /// The value of a field; nil: there is no such field.
  subscript(name: StaticString) -> ArraySlice<UInt8>? { field(name).map { text[$0.value] } }

  /// A field whose values are nstrace's own words.
  func word(_ name: StaticString) -> String? {
    self[name].map { String(decoding: $0, as: UTF8.self) }
  }

  /// A number, in quotes or without.
  func number(_ name: StaticString, radix: UInt64 = 10) -> UInt64? {
    self[name].flatMap { Self.number($0, radix: radix) }
  }

  /// A number with an optional sign.
  func signed(_ name: StaticString) -> Int64? {
    guard let digits = self[name] else { return nil }
    guard digits.first == UInt8(ascii: "-") else {
      return Self.number(digits, radix: 10).flatMap { Int64(exactly: $0) }
    }
    return Self.number(digits.dropFirst(), radix: 10).flatMap {
      $0 <= 1 << 63 ? 0 &- Int64(truncatingIfNeeded: $0) : nil
    }
  }

  func boolean(_ name: StaticString) -> Bool? {
    switch word(name) {
    case "1", "yes", "success": true
    case "0", "no", "failed": false
    default: nil
    }
  }

  /// Text that a process or an orchestrator chose, in quotes or in hexadecimal. Only for fields
  /// that are text, because the digits of a number can be taken for hexadecimal.
  func string(_ name: StaticString) -> [UInt8]? {
    guard let field = field(name) else { return nil }
    let value = text[field.value]
    if field.isQuoted { return Array(value) }
    guard value.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var rest = value
    while let byte = Self.number(rest.prefix(2), radix: 16) {
      bytes.append(UInt8(byte))
      rest = rest.dropFirst(2)
    }
    return rest.isEmpty ? bytes : nil
  }

  /// A device, written as two hexadecimal numbers.
  func device(_ name: StaticString) -> UInt64? {
    let parts = self[name]?.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard let parts, parts.count == 2, let major = Self.number(parts[0], radix: 16),
      let minor = Self.number(parts[1], radix: 16)
    else { return nil }
    // glibc's encoding of dev_t (sys/sysmacros.h).
    return (major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12
  }

  func hash(_ name: StaticString) -> NamespaceHash? {
    guard let digits = self[name], digits.count == 32,
      let high = Self.number(digits.prefix(16), radix: 16),
      let low = Self.number(digits.suffix(16), radix: 16)
    else { return nil }
    var hash = NamespaceHash([])
    (hash.high, hash.low) = (high, low)
    return hash
  }

  /// One ID; unset for -1 and for the empty array.
  func id(_ name: StaticString) -> ContainerID? {
    guard let list = list(name), list.elements.count <= 1 else { return nil }
    return list.elements.first?.id ?? .unset
  }

  /// A list such as `4,^2,^1`. JSON does not say which ID is whose parent.
  func list(_ name: StaticString) -> ContainerList? {
    guard let value = self[name] else { return nil }
    var list = ContainerList()
    if value.isEmpty || value.elementsEqual("-1".utf8) { return list }
    for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let isParent = part.first == UInt8(ascii: "^")
      let text = String(decoding: part.dropFirst(isParent ? 1 : 0), as: UTF8.self)
      guard let id = ContainerID(text) else { return nil }
      list.elements.append(.init(id, isParent: isParent))
    }
    return list
  }

  private static func number(_ digits: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
    if digits.isEmpty { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard let digit = digit(byte), digit < radix else { return nil }
      let (product, isLarge) = value.multipliedReportingOverflow(by: radix)
      let (sum, isLarger) = product.addingReportingOverflow(digit)
      if isLarge || isLarger { return nil }
      value = sum
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

extension Collection<UInt8> {
  fileprivate func elementsEqual(_ name: StaticString) -> Bool {
    guard count == name.utf8CodeUnitCount else { return false }
    return unsafe elementsEqual(
      UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }
}
