// SPDX-License-Identifier: Apache-2.0

/// An audit container ID: a 128-bit number (RFC R1, R13).
///
/// An ID that fits 64 bits is printed in decimal, as in the later kernel patches; any other as a
/// UUID. All ones means unset.
public struct ContainerID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The upper 64 bits.
  public var high: UInt64
  /// The lower 64 bits.
  public var low: UInt64

  /// An ID of its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// No ID: all bits are ones, printed as -1.
  public static let unset = ContainerID(high: .max, low: .max)

  /// Whether it means unset. That includes 2^64-1, the kernel patches' AUDIT_CID_UNSET.
  public var isUnset: Bool { self == .unset || (high == 0 && low == .max) }

  /// An ID from text: a decimal that fits 64 bits, or a UUID (RFC 9562: 8-4-4-4-12 hexadecimal
  /// digits). Nil: any other text.
  public init?(_ text: String) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    if text.utf8.allSatisfy(digits.contains), let number = UInt64(text) {
      self.init(high: 0, low: number)
      return
    }
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
    let hex = groups.joined()
    guard hex.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let high = UInt64(hex.prefix(16), radix: 16),
      let low = UInt64(hex.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension ContainerID: CustomStringConvertible {
  public var description: String {
    var text = TextBuffer()
    append(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  func append(to text: inout TextBuffer) {
    if self == .unset { return text.append("-1") }
    if high == 0 { return text.append(decimal: low) }
    append(uuid: &text)
  }

  /// Appends it as a UUID, also where it fits 64 bits.
  func append(uuid text: inout TextBuffer) {
    text.append(hex: high >> 32, minimumDigits: 8)
    text.append("-")
    text.append(hex: high >> 16 & 0xffff, minimumDigits: 4)
    text.append("-")
    text.append(hex: high & 0xffff, minimumDigits: 4)
    text.append("-")
    text.append(hex: low >> 48, minimumDigits: 4)
    text.append("-")
    text.append(hex: low & 0xffff_ffff_ffff, minimumDigits: 12)
  }
}
