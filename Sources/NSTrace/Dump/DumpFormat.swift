// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The bytes of a dump around its records. `docs/dump-format.md` describes the layout.
///
///     header:  magic (8)  major (2)  minor (2)  byte order (4)  length (4)  CRC-32C (4)
///              HOST record (length bytes)
///              the CRC is that of the 20 bytes before it and of the record
///     block:   mark "NSTB" (4)  length (4)  CRC-32C (4)  0 (4)  records (length bytes)
///     ...
///     end:     a block of length 0
enum DumpFormat {
  /// Is not text, shows a transfer that changed line ends, and names the format.
  static let magic: [UInt8] = [0x89] + Array("NSD".utf8) + [0x0d, 0x0a, 0x1a, 0x0a]
  static let major: UInt16 = 1
  static let minor: UInt16 = 6
  /// Has this value on a machine of the writer's byte order.
  static let byteOrder: UInt32 = 0x0102_0304
  static let headerBytes = 24
  /// The bytes of the header that the checksum covers, besides the HOST record.
  static let checkedHeaderBytes = 20
  static let blockHeaderBytes = 16
  /// "NSTB" in the order of bytes.
  static let blockMark: UInt32 = 0x4254_534e
  /// The longest valid block: a larger length is damage, and no memory is allocated for it.
  static let blockBytesMax = 16 << 20

  /// The CRC-32C of `bytes`.
  /// - Parameter checksum: of the bytes before; 0: none.
  static func checksum(_ bytes: RawSpan, after checksum: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe nst_crc32c(checksum, $0.baseAddress, $0.count) }
  }

  static func checksum(ofHeader header: [UInt8]) -> UInt32 {
    unsafe checksum(header.span.bytes.extracting(0..<checkedHeaderBytes))
  }
}

/// Reads and writes integers at offsets, in the byte order of this machine.
extension [UInt8] {
  mutating func append(native value: some FixedWidthInteger & BitwiseCopyable) {
    unsafe Swift.withUnsafeBytes(of: value) { unsafe append(contentsOf: $0) }
  }

  func native<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Value {
    unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }
}
