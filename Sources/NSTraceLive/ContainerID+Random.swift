// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

extension ContainerID {
  /// A UUID of version 4 (RFC 9562, 5.4), from getrandom(2).
  static func random() -> ContainerID {
    var generator = SystemRandomNumberGenerator()
    return ContainerID(
      high: generator.next() & ~0xf000 | 0x4000, low: generator.next() & ~(3 << 62) | 2 << 62)
  }
}
