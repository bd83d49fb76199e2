// SPDX-License-Identifier: Apache-2.0

/// The live tasks by tid: open addressing, linear probing, no tombstones.
///
/// The initial PID namespace gives a tid to one live task at a time, so the tid is the key and the
/// start time, which makes the task unmistakable, stands in the entry.
struct TaskTable {
  struct Entry {
    /// In the initial PID namespace; 0 marks an empty place.
    var tid: UInt32 = 0
    var tgid: UInt32 = 0
    /// CLOCK_BOOTTIME, nanoseconds.
    var startNs: UInt64 = 0
    /// When the task's set was last told: an older record does not undo it.
    var asOfNs: UInt64 = 0
    var set: SetTable.ID = .unknown
    var subject: SubjectTable.ID = .unknown
    /// The number of the registration that it carries, as the kernel side says; 0: none.
    var container: UInt32 = 0
    /// The process that forked it; 0: that was not seen.
    var forker: UInt32 = 0
    /// The snapshot during or since which the task was last seen.
    var epoch: UInt32 = 0
    /// Before `asOfNs` it was in another set than now.
    var wasElsewhere = false
  }

  private var places: [Entry]
  private var mask: Int
  private(set) var count = 0

  init() {
    places = Array(repeating: Entry(), count: 1024)
    mask = places.count - 1
  }

  /// Where a task's entry is, until the next insertion or removal.
  typealias Index = Int

  subscript(index: Index) -> Entry {
    get { places[index] }
    _modify { yield &places[index] }
  }

  /// The entry with that tid, if the task is known.
  func find(_ tid: UInt32) -> Index? {
    var place = home(tid)
    while places[place].tid != tid {
      if places[place].tid == 0 { return nil }
      place = (place + 1) & mask
    }
    return tid == 0 ? nil : place
  }

  /// Adds a task whose tid is not in the table.
  mutating func insert(_ entry: Entry) {
    if count >= places.count / 2 { grow() }
    var place = home(entry.tid)
    while places[place].tid != 0 { place = (place + 1) & mask }
    places[place] = entry
    count += 1
  }

  mutating func remove(at index: Index) {
    var hole = index
    var place = index
    while true {
      place = (place + 1) & mask
      if places[place].tid == 0 { break }
      // An entry may move into the hole unless its home lies between the two.
      let distance = (place - home(places[place].tid)) & mask
      if distance >= (place - hole) & mask {
        places[hole] = places[place]
        hole = place
      }
    }
    places[hole].tid = 0
    count -= 1
  }

  /// Every task, in no order.
  func forEach(_ body: (Entry) -> Void) {
    for entry in places where entry.tid != 0 { body(entry) }
  }

  /// Every task, in the order of tids, so that nothing printed depends on hashing.
  var sorted: [Entry] {
    places.filter { $0.tid != 0 }.sorted { $0.tid < $1.tid }
  }

  private func home(_ tid: UInt32) -> Int {
    // Fibonacci hashing: tids come in runs, which this spreads.
    Int(truncatingIfNeeded: (UInt64(tid) &* 0x9E37_79B9_7F4A_7C15) &>> 32) & mask
  }

  private mutating func grow() {
    let old = places
    places = Array(repeating: Entry(), count: old.count * 2)
    mask = places.count - 1
    count = 0
    for entry in old where entry.tid != 0 { insert(entry) }
  }
}
