// SPDX-License-Identifier: Apache-2.0

/// A part of an audit record's text, by its places there.
package struct KernelField: Equatable, Sendable {
  /// How the value is spelled.
  package enum Form: Sendable {
    /// `name=value`, up to the next space.
    case bare
    /// `name="value"`.
    case quoted
    /// `msg='name=value …'`: what user space wrote. `KernelFields(message:)` gives its fields.
    case message
    /// A word that is no field. It has no name.
    case word
  }

  package var form: Form
  package var name: Range<Int>
  /// Without its quotes.
  package var value: Range<Int>

  /// The byte between the keys of a rule that has several (AUDIT_KEY_SEPARATOR).
  static let keySeparator: UInt8 = 1

  /// The place behind it, and behind its closing quote.
  var end: Int { form == .quoted || form == .message ? value.upperBound + 1 : value.upperBound }

  /// Whether it has this name.
  package func isNamed(_ name: StaticString, in text: Span<UInt8>) -> Bool {
    let count = name.utf8CodeUnitCount
    guard self.name.count == count else { return false }
    let first = self.name.lowerBound
    return name.withUTF8Buffer { name in
      for index in 0..<count where unsafe name[index] != text[first + index] { return false }
      return true
    }
  }
}

// MARK: - Values

extension KernelField {
  /// The value as a decimal that is neither quoted nor too large; nil: it is none.
  package func number(in text: Span<UInt8>) -> UInt32? {
    guard form == .bare, (1...10).contains(value.count) else { return nil }
    var number: UInt64 = 0
    for index in value {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) else { return nil }
      number = number * 10 + UInt64(text[index] - UInt8(ascii: "0"))
    }
    return UInt32(exactly: number)
  }

  /// Whether the value is in hexadecimal because a byte of the text could have ended it
  /// (audit_log_untrustedstring). Only for fields of which audit decides so: `a0=40` is a number.
  package func isEncoded(in text: Span<UInt8>, of type: KernelRecordType) -> Bool {
    guard form == .bare, value.count >= 2, value.count.isMultiple(of: 2) else { return false }
    for index in value where Self.digit(text[index]) == nil { return false }
    return Self.untrusted.contains { isNamed($0, in: text) }
      || type == .execve && isArgument(in: text)
  }

  /// The number of bytes of the value that an encoded one stands for.
  func count(isEncoded: Bool) -> Int { isEncoded ? value.count / 2 : value.count }

  /// One of these bytes.
  func byte(at index: Int, isEncoded: Bool, in text: Span<UInt8>) -> UInt8 {
    guard isEncoded else { return text[value.lowerBound + index] }
    let place = value.lowerBound + 2 * index
    return (Self.digit(text[place]) ?? 0) << 4 | (Self.digit(text[place + 1]) ?? 0)
  }

  /// The decoded value.
  package func bytes(in text: Span<UInt8>, of type: KernelRecordType) -> [UInt8] {
    let isEncoded = isEncoded(in: text, of: type)
    return (0..<count(isEncoded: isEncoded)).map { byte(at: $0, isEncoded: isEncoded, in: text) }
  }

  /// Audit writes upper-case digits only.
  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// `a0`, or a part `a0[1]` of a long one; not `a0_len`.
  func isArgument(in text: Span<UInt8>) -> Bool {
    guard name.count >= 2, text[name.lowerBound] == UInt8(ascii: "a") else { return false }
    for index in name.dropFirst() {
      switch text[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "["), UInt8(ascii: "]"): continue
      default: return false
      }
    }
    return true
  }

  /// The fields of the kernel and of libaudit that are quoted or encoded (auparse's table of types,
  /// and AppArmor's own).
  private static let untrusted: [StaticString] = [
    "comm", "exe", "name", "cwd", "proctitle", "key", "path", "acct", "cmd", "data", "ocomm", "dir",
    "file", "watch", "cgroup", "vm", "device", "sw", "grp", "new_group", "root_dir",
    "invalid_context", "old-disk", "new-disk", "old-fs", "new-fs", "old-net", "new-net",
    "old-chardev", "new-chardev", "old-rng", "new-rng", "profile", "namespace", "target", "peer",
    "srcname", "fstype", "label", "parent",
  ]
}
