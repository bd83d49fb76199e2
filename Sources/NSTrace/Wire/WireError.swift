// SPDX-License-Identifier: Apache-2.0

/// Damage in a stream of records.
public enum WireError: Error, Equatable, Sendable {
  /// A header whose size is no multiple of 8, smaller than a header, larger than any record, or
  /// beyond the end of the batch.
  case badSize(size: UInt32, offset: Int)
  /// A record shorter than its kind, or whose texts do not fit into it.
  case badRecord(kind: UInt16, offset: Int)
}

extension WireError {
  /// The same error, in a buffer that begins `bytes` bytes earlier.
  func moved(by bytes: Int) -> WireError {
    switch self {
    case .badSize(let size, let offset): .badSize(size: size, offset: offset + bytes)
    case .badRecord(let kind, let offset): .badRecord(kind: kind, offset: offset + bytes)
    }
  }
}

extension WireError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badSize(let size, let offset):
      "a record of \(size) bytes at offset \(offset) of its block does not fit: the data are damaged"
    case .badRecord(let kind, let offset):
      "the record of kind \(kind) at offset \(offset) of its block is too short: the data are damaged"
    }
  }
}
