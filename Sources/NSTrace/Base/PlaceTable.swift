// SPDX-License-Identifier: Apache-2.0

/// Finds the index of an entry in its table by the entry's key: open addressing, linear probing, no
/// tombstones. The keys stay in the table; this one has indexes and 32 bits of hash.
///
/// Replaces a dictionary in each creation of a namespace. Swift's hashing resists chosen keys,
/// which takes most of the time, and these keys are numbers that the kernel or a table gives. They
/// are mixed with the process's own seed all the same.
struct PlaceTable: ~Copyable {
  typealias Place = UInt32

  // Not private, for the reason at `SubjectTable.Entry`.
  struct Slot: BitwiseCopyable {
    var hash: UInt32 = 0
    /// Counted from 1; 0: empty.
    var number: UInt32 = 0
  }

  private var slots = Rows(repeating: Slot(), count: 64)
  private(set) var count = 0
  private let seed = UInt64(truncatingIfNeeded: Hasher().finalize())

  /// 32 well mixed bits of a key's first `count` words.
  @inline(__always)
  func hash(_ words: SIMD8<UInt64>, count: Int) -> UInt32 {
    var hash = seed
    for index in 0..<count {
      let (high, low) = (hash ^ words[index]).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
      hash = high ^ low
    }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }

  /// The index with that hash for which `isIt` is true; nil: none.
  @inline(__always)
  func find(_ hash: UInt32, where isIt: (Place) -> Bool) -> Place? {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot].number != 0 {
      if slots[slot].hash == hash, isIt(slots[slot].number - 1) { return slots[slot].number - 1 }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Adds an index whose key is not in the table.
  mutating func insert(_ hash: UInt32, _ place: Place) {
    if count >= slots.count / 2 { grow() }
    count += 1
    put(Slot(hash: hash, number: place + 1))
  }

  private mutating func put(_ entry: Slot) {
    let mask = slots.count - 1
    var slot = Int(entry.hash) & mask
    while slots[slot].number != 0 { slot = (slot + 1) & mask }
    slots[slot] = entry
  }

  /// Removes an index that is in the table.
  mutating func remove(_ hash: UInt32, _ place: Place) {
    let mask = slots.count - 1
    var hole = Int(hash) & mask
    while slots[hole].number != place + 1 { hole = (hole + 1) & mask }
    var next = hole
    while true {
      next = (next + 1) & mask
      if slots[next].number == 0 { break }
      // An entry may move into the hole unless its home is between the two.
      let distance = (next - Int(slots[next].hash) & mask) & mask
      if distance >= (next - hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
    }
    slots[hole] = Slot()
    count -= 1
  }

  private mutating func grow() {
    var old = Rows(repeating: Slot(), count: slots.count * 2)
    swap(&old, &slots)
    for index in old.indices where old[index].number != 0 { put(old[index]) }
  }
}
