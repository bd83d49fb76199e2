// SPDX-License-Identifier: Apache-2.0

/// The live tasks by tid: an array of places by tid, and entries without gaps worth mentioning.
///
/// The initial PID namespace gives a tid to one live task at a time, so the tid is the key and the
/// start time, which makes the task unmistakable, stands in the entry. The kernel gives tids in order
/// and there are no more than `TaskNumber.limit`, so an array of them (4 bytes each up to the
/// largest seen, 16 MiB at most) beats hashing: the tids of those that live lie close together, nothing
/// is probed, and a place that was freed is used again while the processor still has it in its cache.
struct TaskTable: ~Copyable {
  struct Entry: BitwiseCopyable {
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
    /// The slots whose namespaces it came into by setns, or its parent did before it was born.
    var entered = SlotSet.none
    /// The walk that was the last to tell of its set, by `Tracker.epoch`; 0: it has reported since.
    var seenIn: UInt32 = 0
    var confinement = Confinement()
    /// Before `asOfNs` it was in another set than now.
    var wasElsewhere = false
  }

  /// Where a task's entry is, as long as it is in the table.
  typealias Index = Int

  /// The first is nobody's: an index of 0 says that there is no such task.
  private var entries = Slab(first: Entry())
  /// By tid.
  private var places = Rows<UInt32>()

  /// How many tasks there are.
  var count: Int { entries.count - 1 }

  subscript(index: Index) -> Entry {
    _read { yield entries[index] }
    _modify { yield &entries[index] }
  }

  /// The entry with that tid, if the task is known.
  func find(_ tid: UInt32) -> Index? {
    guard tid < places.count else { return nil }
    let place = places[Int(tid)]
    return place == 0 ? nil : Int(place)
  }

  /// The tid will be asked for: first its place, which says where the entry is, and then the entry.
  func prefetchPlace(_ tid: UInt32) {
    if tid < places.count { places.prefetch(Int(tid)) }
  }

  func prefetchEntry(_ tid: UInt32) {
    if tid < places.count { entries.prefetch(Int(places[Int(tid)])) }
  }

  /// Adds a task whose tid is not in the table.
  /// - Precondition: the tid is neither 0 nor beyond `TaskNumber.limit`.
  /// - Returns: where it is.
  @inline(__always) @discardableResult
  mutating func insert(_ entry: Entry) -> Index {
    precondition(entry.tid != 0 && entry.tid < TaskNumber.limit)
    if entry.tid >= places.count { growPlaces(beyond: entry.tid) }
    let index = entries.insert(entry)
    places[Int(entry.tid)] = UInt32(index)
    return index
  }

  @inline(__always)
  mutating func remove(at index: Index) {
    places[Int(entries[index].tid)] = 0
    entries[index].tid = 0
    entries.remove(at: index)
  }

  /// Every task, in no order.
  func forEach(_ body: (Entry) -> Void) {
    for index in entries.rows where entries[index].tid != 0 { body(entries[index]) }
  }

  /// Every task, in the order of tids, so that nothing printed depends on where entries are.
  var sorted: [Entry] {
    var tasks: [Entry] = []
    forEach { tasks.append($0) }
    return tasks.sorted { $0.tid < $1.tid }
  }

  @inline(never)
  private mutating func growPlaces(beyond tid: UInt32) {
    let room = max(Int(tid) + 1, places.count * 2, 1 << 15)
    let count = min(room, Int(TaskNumber.limit)) - places.count
    places.append(repeating: 0, count: count)
  }
}
