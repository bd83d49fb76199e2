// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
  /// Stores `value` at `offset`, in this machine's byte order.
  mutating func store(_ value: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: type(of: value)) }
  }
}
