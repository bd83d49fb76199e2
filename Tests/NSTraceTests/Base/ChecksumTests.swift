// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite struct ChecksumTests {
  /// RFC 3720 B.4, and the check value of every table of CRCs.
  private static let published: [(bytes: [UInt8], crc: UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
    ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
    ([UInt8](0..<32), 0x46dd_794e),
    ([UInt8]((0..<32).reversed()), 0x113f_db5c),
    (
      [
        0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
        0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
      ], 0xd996_3a56
    ),
    (Array("123456789".utf8), 0xe306_9283),
    ([], 0),
  ]

  @Test(arguments: published.indices)
  func `a published checksum is computed`(_ index: Int) {
    let (bytes, crc) = Self.published[index]
    #expect(Checksum.crc32c(bytes) == crc)
  }

  /// Fewer than eight bytes go the way of processors without the instruction: the whole vector,
  /// a byte at a time, is computed without it.
  @Test(arguments: published.indices)
  func `without the processor's instruction it is the same`(_ index: Int) {
    let (bytes, crc) = Self.published[index]
    #expect(bytes.reduce(0) { Checksum.crc32c([$1], after: $0) } == crc)
  }

  @Test func `a checksum goes on from any place`() {
    let (bytes, crc) = Self.published[4]
    for split in bytes.indices {
      let first = Checksum.crc32c(bytes[..<split])
      #expect(Checksum.crc32c(bytes[split...], after: first) == crc)
    }
  }

  /// Longer ones are computed in three stretches at once (3 times 2,048 bytes).
  @Test(arguments: [6_143, 6_144, 6_145, 12_288, 20_001])
  func `in stretches it is the same as byte for byte`(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    #expect(Checksum.crc32c(bytes) == bytes.reduce(0) { Checksum.crc32c([$1], after: $0) })
    #expect(
      Checksum.crc32c(bytes, after: 7) == bytes.reduce(7) { Checksum.crc32c([$1], after: $0) })
  }
}
