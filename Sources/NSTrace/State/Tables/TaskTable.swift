// SPDX-License-Identifier: Apache-2.0

/// The live tasks: an array of rows by tid, and a `Slab` of entries.
///
/// The initial PID namespace gives a tid to one live task at a time. The tid is therefore the key,
/// and the entry has the start time, which tells the task from earlier ones. An array (4 bytes for
/// each tid up to the largest seen, 16 MiB at most) is faster than hashing: the kernel gives tids
/// in order, so those of live tasks lie close together, and a freed row is reused while it is still
/// in the cache.
struct TaskTable: ~Copyable {
  struct Entry: BitwiseCopyable {
    /// The tid in the initial PID namespace; 0: the entry is empty.
    var tid: UInt32 = 0
    var tgid: UInt32 = 0
    /// CLOCK_BOOTTIME, nanoseconds.
    var startNs: UInt64 = 0
    /// The time of the last report of the task's set: CLOCK_BOOTTIME, nanoseconds. An older record
    /// does not undo it.
    var asOfNs: UInt64 = 0
    var set: SetTable.ID = .unknown
    var subject: SubjectTable.ID = .unknown
    /// The registration number that the kernel side carries for it; 0: none.
    var container: UInt32 = 0
    /// The tgid of the process that forked it; 0: the fork was not seen.
    var forker: UInt32 = 0
    /// The snapshot in which, or since which, the task was last seen.
    var epoch: UInt32 = 0
    /// The slots whose namespaces the task entered by setns, or its parent before the task was
    /// born.
    var entered = SlotSet.none
    var confinement = Confinement()
    /// Whether it was in another set before `asOfNs`.
    var wasElsewhere = false
  }

  /// The row of a task's entry, as long as the task is in the table.
  typealias Index = Int

  /// Row 0 belongs to no task: an index of 0 means that there is none.
  private var entries = Slab(first: Entry())
  /// The walk that last reported the set of each row's task, by `Tracker.epoch`; 0, or no row: the
  /// task has reported since. It is beside the entries because few events ask for it: in them it
  /// made a replay with a million live tasks 5 % slower.
  private var walks = Rows<UInt32>()
  /// Since when each row's task belongs to what it belongs to: CLOCK_BOOTTIME, nanoseconds; 0, or no
  /// row: since it started. Beside the entries, as `walks`.
  private var sinces = Rows<UInt64>()
  /// The row of each tid's entry.
  private var places = Rows<UInt32>()
  private var groups = ThreadGroups()

  var count: Int { entries.count - 1 }

  subscript(index: Index) -> Entry {
    _read { yield entries[index] }
    _modify { yield &entries[index] }
  }

  /// The index of the task with that tid; nil: not known.
  func find(_ tid: UInt32) -> Index? {
    guard tid < places.count else { return nil }
    let place = places[Int(tid)]
    return place == 0 ? nil : Int(place)
  }

  /// Prefetches the row number of a tid that will be looked up; `prefetchEntry` then prefetches the
  /// entry.
  func prefetchPlace(_ tid: UInt32) {
    if tid < places.count { places.prefetch(Int(tid)) }
  }

  func prefetchEntry(_ tid: UInt32) {
    if tid < places.count { entries.prefetch(Int(places[Int(tid)])) }
  }

  /// Adds a task whose tid is not in the table.
  /// - Precondition: the tid is neither 0 nor `TaskNumber.limit` or more.
  /// - Returns: its index.
  @inline(__always) @discardableResult
  mutating func insert(_ entry: Entry) -> Index {
    precondition(entry.tid != 0 && entry.tid < TaskNumber.limit)
    if entry.tid >= places.count { growPlaces(beyond: entry.tid) }
    let index = entries.insert(entry)
    places[Int(entry.tid)] = UInt32(index)
    if entry.tid != entry.tgid { groups.insert(index, in: entry.tgid) }
    forgetWalk(at: index)
    if index < sinces.count { sinces[index] = 0 }
    return index
  }

  @inline(__always)
  mutating func remove(at index: Index) {
    places[Int(entries[index].tid)] = 0
    if entries[index].tid != entries[index].tgid { groups.remove(index, from: entries[index].tgid) }
    entries[index].tid = 0
    entries.remove(at: index)
  }

  /// The threads of a process without its leader, in the order of tids.
  func threads(of tgid: UInt32) -> [Index] {
    groups.rows(of: tgid).sorted { entries[$0].tid < entries[$1].tid }
  }

  /// The walk that last reported a task's set; 0: the task has reported since.
  func walk(at index: Index) -> UInt32 { index < walks.count ? walks[index] : 0 }

  /// Notes the walk that reported a task's set.
  mutating func note(walk: UInt32, at index: Index) {
    if walks.count < entries.rows.count {
      walks.append(repeating: 0, count: entries.rows.count - walks.count)
    }
    walks[index] = walk
  }

  /// Notes that a task has reported.
  @inline(__always)
  mutating func forgetWalk(at index: Index) {
    if index < walks.count { walks[index] = 0 }
  }

  /// Since when a task belongs to what it belongs to: CLOCK_BOOTTIME, nanoseconds.
  func since(at index: TaskTable.Index) -> UInt64 {
    let since = index < sinces.count ? sinces[index] : 0
    return since == 0 ? entries[index].startNs : since
  }

  mutating func note(since timeNs: UInt64, at index: TaskTable.Index) {
    sinces.reach(index, filling: 0)
    sinces[index] = timeNs
  }

  /// Moves the tasks to the first rows if most rows are free, and gives the memory back: to look at
  /// all tasks costs as much as there are rows.
  mutating func compact() {
    guard entries.isSparse else { return }
    var old = Slab(first: Entry())
    var oldWalks = Rows<UInt32>()
    var oldSinces = Rows<UInt64>()
    swap(&old, &entries)
    swap(&oldWalks, &walks)
    swap(&oldSinces, &sinces)
    groups = ThreadGroups()
    for index in old.rows where old[index].tid != 0 {
      let row = insert(old[index])
      if index < oldWalks.count { note(walk: oldWalks[index], at: row) }
      if index < oldSinces.count { note(since: oldSinces[index], at: row) }
    }
  }

  /// Gives each task the new row of its set and of its subject.
  /// - Parameters:
  ///   - sets: where the sets have gone; nil: they have not moved.
  ///   - subjects: the same of subjects.
  mutating func follow(sets: RowMoves?, subjects: RowMoves?) {
    for row in entries.rows where entries[row].tid != 0 {
      if let sets { entries[row].set = entries[row].set.moved(by: sets) }
      if let subjects { entries[row].subject = entries[row].subject.moved(by: subjects) }
    }
  }

  /// The number of rows, free ones included.
  var room: Int { entries.rows.count }

  /// Every task, in no order.
  func forEach(_ body: (Entry) -> Void) {
    for index in entries.rows where entries[index].tid != 0 { body(entries[index]) }
  }

  /// The tasks in the order of tids, so that output does not depend on rows.
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
