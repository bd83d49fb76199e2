// SPDX-License-Identifier: Apache-2.0

import CLinux

enum Checksum {
  static func crc32c(_ bytes: some Collection<UInt8>, after crc: UInt32 = 0) -> UInt32 {
    Array(bytes).withUnsafeBytes { nst_crc32c(crc, $0.baseAddress, $0.count) }
  }
}
