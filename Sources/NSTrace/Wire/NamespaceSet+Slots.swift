// SPDX-License-Identifier: Apache-2.0

public import CBPF

extension nst_set {
  /// The namespace in one of the ten slots.
  public subscript(slot: NamespaceSlot) -> NamespaceID {
    get {
      let (inum, nsid) = unsafe withUnsafeBytes(of: self) { bytes in
        // The struct's two C arrays import as tuples, which cannot be indexed.
        unsafe (
          bytes.load(fromByteOffset: Self.inumOffset + slot.rawValue * 4, as: UInt32.self),
          bytes.load(fromByteOffset: slot.rawValue * 8, as: UInt64.self)
        )
      }
      return NamespaceID(kind: slot.kind, inum: inum, nsid: nsid)
    }
    set {
      unsafe withUnsafeMutableBytes(of: &self) { bytes in
        unsafe bytes.storeBytes(
          of: newValue.inum, toByteOffset: Self.inumOffset + slot.rawValue * 4, as: UInt32.self)
        unsafe bytes.storeBytes(
          of: newValue.nsid, toByteOffset: slot.rawValue * 8, as: UInt64.self)
      }
    }
  }

  private static var inumOffset: Int { NamespaceSlot.allCases.count * MemoryLayout<UInt64>.size }
}
