// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct NamespaceHashTests {
  private let set = NamespacePlace.initial.with([.uts: 101, .net: 102]).ids

  @Test func `it is FNV-1a of 128 bits`() {
    // Of nothing, the offset basis.
    #expect(NamespaceHash([]).high == 0x6c62_272e_07bb_0142)
    #expect(NamespaceHash([]).low == 0x62b8_2175_6295_c58d)
    // Of the five bytes of one pair, by hand.
    let bytes: [UInt128] = [5, 0x04, 0x03, 0x02, 0x01]
    let expected = bytes.reduce(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d as UInt128) {
      ($0 ^ $1) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
    let hash = NamespaceHash([NamespaceID(kind: .net, inum: 0x0102_0304, nsid: 9)])
    #expect(UInt128(hash.high) << 64 | UInt128(hash.low) == expected)
  }

  @Test func `order and repetition do not matter`() {
    #expect(NamespaceHash(set.reversed() + set) == NamespaceHash(set))
  }

  @Test func `the same inode numbers under other kinds are another set`() {
    #expect(
      NamespaceHash([.init(kind: .uts, inum: 1, nsid: 0), .init(kind: .net, inum: 2, nsid: 0)])
        != NamespaceHash([.init(kind: .uts, inum: 2, nsid: 0), .init(kind: .net, inum: 1, nsid: 0)])
    )
  }

  @Test func `as an ID it is a UUID of version 8`() {
    let id = NamespaceHash(set).uuid()
    #expect(id.high >> 12 & 0xf == 8)
    #expect(id.low >> 62 == 2)
    #expect(id.high & ~0xf000 == NamespaceHash(set).high & ~0xf000)
    #expect(id.low << 2 == NamespaceHash(set).low << 2)
    let other = NamespaceHash(set).uuid(1)
    #expect(other != id)
    #expect(other.low >> 62 == 2)
  }
}
