// SPDX-License-Identifier: Apache-2.0

/// Identifies a set of namespaces (Salaün, T5: a deterministic checksum over /proc/self/ns/*). The
/// 128 bits are equal for equal sets, in whatever order they are listed.
///
/// FNV-1a of 128 bits over the distinct pairs of kind (one byte, in the order of `NamespaceKind`)
/// and inode number (four bytes, little-endian), sorted. The kernel chooses the inode numbers, so
/// the hash need not resist a forger. Like the numbers, it can come again once a set has gone.
public struct NamespaceHash: Hashable, Sendable {
  /// The upper 64 bits.
  public var high: UInt64
  /// The lower 64 bits.
  public var low: UInt64

  package init(_ set: [NamespaceID]) {
    let pairs = Set(set.map { UInt64($0.kind.rawValue) << 32 | UInt64($0.inum) }).sorted()
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    let prime: UInt128 = 1 << 88 | 0x13b
    for pair in pairs {
      for shift in [32, 0, 8, 16, 24] {
        hash = (hash ^ UInt128(pair >> UInt64(shift) & 0xff)) &* prime
      }
    }
    high = UInt64(truncatingIfNeeded: hash >> 64)
    low = UInt64(truncatingIfNeeded: hash)
  }

  /// Appends 32 hexadecimal digits.
  func append(to text: inout TextBuffer) {
    text.append(hex: high, minimumDigits: 16)
    text.append(hex: low, minimumDigits: 16)
  }

  /// The hash as a UUID of version 8 (RFC 9562).
  /// - Parameter number: gives several UUIDs for the same hash.
  package func uuid(_ number: UInt64 = 0) -> ContainerID {
    ContainerID(high: high & ~0xf000 | 0x8000, low: (low &+ number) & ~(3 << 62) | 2 << 62)
  }
}
