// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// A size in bytes.
struct ByteSize {
  let bytes: Int

  private static let units: [String: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]

  /// Parses a number of bytes, or one with K, M or G.
  /// - Throws: `ValidationError` if it is no such size, or 0.
  static func parse(_ argument: String) throws -> ByteSize {
    let unit = units[argument.suffix(1).uppercased()]
    guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number > 0,
      case (let bytes, false) = number.multipliedReportingOverflow(by: unit ?? 1)
    else {
      throw ValidationError("a size is a number of bytes, or one with K, M or G: not '\(argument)'")
    }
    return ByteSize(bytes: bytes)
  }
}
