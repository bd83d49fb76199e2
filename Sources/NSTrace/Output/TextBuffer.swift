// SPDX-License-Identifier: Apache-2.0

/// Bytes of text on their way out: written in place, without String and without allocation once
/// the buffer has grown.
public struct TextBuffer: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() { bytes.reserveCapacity(1 << 16) }

  public var count: Int { bytes.count }

  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Appends ASCII as it is.
  public mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  public mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  public mutating func append(byte: UInt8) { bytes.append(byte) }

  public mutating func append(raw text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

  public mutating func append(decimal value: UInt64, minimumDigits: Int = 1) {
    var place = bytes.count
    var rest = value
    var digits = 0
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
      digits += 1
    } while rest > 0 || digits < minimumDigits
    var last = bytes.count - 1
    while place < last {
      bytes.swapAt(place, last)
      place += 1
      last -= 1
    }
  }

  public mutating func append(decimal value: UInt32) { append(decimal: UInt64(value)) }

  public mutating func append(signed value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    append(decimal: value.magnitude)
  }

  /// Lower-case hexadecimal, as audit prints `arch=` and `a0=`.
  public mutating func append(hex value: UInt64, minimumDigits: Int = 1) {
    var shift = 60
    while shift > 0, value >> UInt64(shift) == 0, shift / 4 >= minimumDigits { shift -= 4 }
    while shift >= 0 {
      bytes.append(Self.lowerHex[Int(value >> UInt64(shift) & 0xf)])
      shift -= 4
    }
  }

  /// Upper-case hexadecimal of every byte, as audit encodes untrusted text.
  public mutating func append(encoded text: some Collection<UInt8>) {
    for byte in text {
      bytes.append(Self.upperHex[Int(byte >> 4)])
      bytes.append(Self.upperHex[Int(byte & 0xf)])
    }
  }

  /// A device as `MAJOR:MINOR`, two hexadecimal digits at least, as audit prints `dev=`.
  public mutating func append(device: UInt64) {
    // glibc's encoding of dev_t (sys/sysmacros.h).
    let major = (device >> 8 & 0xfff) | (device >> 32 & 0xffff_f000)
    let minor = (device & 0xff) | (device >> 12 & 0xffff_ff00)
    append(hex: major, minimumDigits: 2)
    append(byte: UInt8(ascii: ":"))
    append(hex: minor, minimumDigits: 2)
  }

  /// Spaces up to `width` bytes behind `start`, and one at least.
  public mutating func pad(from start: Int, to width: Int) {
    repeat { bytes.append(UInt8(ascii: " ")) } while bytes.count < start + width
  }

  private static let lowerHex = Array("0123456789abcdef".utf8)
  private static let upperHex = Array("0123456789ABCDEF".utf8)
}
