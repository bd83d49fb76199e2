// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Some of a task's ten slots, in their order; mostly few.
struct SlotSet: Sequence, IteratorProtocol, BitwiseCopyable {
  /// Bit N is slot N.
  fileprivate var bits: UInt16

  static let all = SlotSet(bits: 1 << NamespaceSlot.allCases.count - 1)

  static let none = SlotSet(bits: 0)

  var isEmpty: Bool { bits == 0 }

  func contains(_ slot: NamespaceSlot) -> Bool { bits >> slot.rawValue & 1 != 0 }

  mutating func insert(_ slot: NamespaceSlot) { bits |= 1 << slot.rawValue }

  mutating func remove(_ slot: NamespaceSlot) { bits &= ~(1 << slot.rawValue) }

  func subtracting(_ other: SlotSet) -> SlotSet { SlotSet(bits: bits & ~other.bits) }

  func intersection(_ other: SlotSet) -> SlotSet { SlotSet(bits: bits & other.bits) }

  mutating func next() -> NamespaceSlot? {
    let slot = NamespaceSlot(rawValue: bits.trailingZeroBitCount)
    bits &= bits &- 1
    return slot
  }
}

// MARK: - In a set's lane

extension SlotSet {
  /// - Parameter lane: of a set that holds the slots.
  init(lane: UInt32) { self.init(bits: UInt16(truncatingIfNeeded: lane)) }

  var lane: UInt32 { UInt32(bits) }
}

extension nst_set {
  /// The slots in which the two sets differ.
  func slots(differingFrom other: nst_set) -> SlotSet {
    var bits: UInt16 = 0
    unsafe withUnsafeBytes(of: self) { here in
      unsafe withUnsafeBytes(of: other) { there in
        for slot in 0..<NamespaceSlot.allCases.count {
          let isOther =
            unsafe Self.nsid(slot, here) != Self.nsid(slot, there)
            || Self.inum(slot, here) != Self.inum(slot, there)
          bits |= (isOther ? 1 : 0) << slot
        }
      }
    }
    return SlotSet(bits: bits)
  }
}
