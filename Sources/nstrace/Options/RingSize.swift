// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// The size of the ring: a power of two from 4 KiB to 1 GiB.
struct RingSize {
  let bytes: Int

  /// Parses a number of bytes, or one with K or M.
  /// - Throws: `ValidationError` if it is no such size.
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

  /// The default: 512 KiB for each CPU, rounded up to a power of two from 4 MiB to 64 MiB.
  static var forThisMachine: RingSize {
    let wanted = (512 << 10) * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var bytes = 4 << 20
    while bytes < wanted && bytes < 64 << 20 { bytes *= 2 }
    return RingSize(bytes: bytes)
  }
}
