// SPDX-License-Identifier: Apache-2.0

package import CNSWire

extension nst_set {
  /// The namespace in one of the ten slots.
  package subscript(slot: NamespaceSlot) -> NamespaceID {
    get {
      let (inum, nsid) = unsafe withUnsafeBytes(of: self) { bytes in
        unsafe (Self.inum(slot.rawValue, bytes), Self.nsid(slot.rawValue, bytes))
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

  // The struct's two C arrays import as tuples, which have no subscript.
  static func inum(_ slot: Int, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    unsafe bytes.load(fromByteOffset: inumOffset + slot * 4, as: UInt32.self)
  }

  static func nsid(_ slot: Int, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe bytes.load(fromByteOffset: slot * 8, as: UInt64.self)
  }

  private static var inumOffset: Int { NamespaceSlot.allCases.count * MemoryLayout<UInt64>.size }
}
