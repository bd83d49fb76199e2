// SPDX-License-Identifier: Apache-2.0

/// Identifies a set of namespaces (Salaün, T5: a deterministic checksum over /proc/self/ns/*): 128
/// bits that are the same for the same set, whoever is in it and in whatever order it is listed.
///
/// FNV-1a of 128 bits over the distinct pairs of kind (one byte, in the order of `NamespaceKind`)
/// and inode number (four bytes, the lowest first), sorted. Inode numbers are the kernel's choice, so
/// nothing has to withstand a forger here; like them it comes again after a set has gone.
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

  /// As a UUID whose bits are of our own making (RFC 9562, version 8).
  /// - Parameter number: of several that are wanted for the same hash; each gives another one.
  package func uuid(_ number: UInt64 = 0) -> ContainerID {
    ContainerID(high: high & ~0xf000 | 0x8000, low: (low &+ number) & ~(3 << 62) | 2 << 62)
  }
}
