// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// The size of the ring in bytes: a power of two of at least a page.
struct RingSize {
  let bytes: Int

  /// - Throws: `ValidationError` for anything else.
  static func parse(_ argument: String) throws -> RingSize {
    let units = ["K": 1 << 10, "M": 1 << 20]
    let unit = units[argument.suffix(1).uppercased()]
    guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number > 0,
      case (let bytes, false) = number.multipliedReportingOverflow(by: unit ?? 1),
      bytes >= 4 << 10, bytes <= 1 << 30, bytes & (bytes - 1) == 0
    else {
      throw ValidationError("the ring's size is a power of two from 4K to 1024M")
    }
    return RingSize(bytes: bytes)
  }

  static var forThisMachine: RingSize {
    let wanted = (512 << 10) * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var bytes = 4 << 20
    while bytes < wanted && bytes < 64 << 20 { bytes *= 2 }
    return RingSize(bytes: bytes)
  }
}
