// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
  /// A copy of the bytes.
  public init(_ span: RawSpan) {
    self = unsafe span.withUnsafeBytes { unsafe Array($0) }
  }

  mutating func append(_ span: RawSpan) {
    if span.byteCount == 0 { return }
    unsafe span.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
