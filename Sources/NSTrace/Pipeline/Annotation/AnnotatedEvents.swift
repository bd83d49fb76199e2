// SPDX-License-Identifier: Apache-2.0

/// The events of a log that still wait for records or for an answer, in the order of the places at
/// which their lines would be added.
struct AnnotatedEvents: ~Copyable {
  struct Event {
    var stamp: LogStamp
    /// From 1, of all events.
    var number: UInt64
    var pid: UInt32?
    /// Whether the process has been asked about.
    var isAsked = false
    /// Nil: not known yet.
    var answer: AnnotationAnswer?
    /// Where its lines would be added, counted in bytes from the beginning of the log.
    var place: Int
    /// The latest stamp of the log when its last record came, in milliseconds.
    var seenMs: Int64
    /// Whether more of its records may come.
    var isOpen = true
    /// Whether its lines begin with `node=`.
    var hasNode: Bool
    /// The rows of its neighbours; -1: none.
    var previous = -1
    var next = -1
  }

  private var slab = Slab<Event>()
  /// The open ones.
  private var rows: [LogStamp: Int] = [:]
  /// The row of the open event that had the last record; it nearly always has the next one.
  private var recent = -1
  private(set) var first = -1
  private var last = -1

  init() {}

  var count: Int { slab.count }
  var isEmpty: Bool { first < 0 }

  subscript(row: Int) -> Event {
    _read { yield slab[row] }
    _modify { yield &slab[row] }
  }

  /// The row of the event behind this one; -1: there is none.
  func row(behind row: Int) -> Int { slab[row].next }

  /// The row of an open event.
  mutating func find(_ stamp: LogStamp) -> Int? {
    if recent >= 0, slab[recent].stamp == stamp { return recent }
    guard let row = rows[stamp] else { return nil }
    recent = row
    return row
  }

  /// Adds an open event behind all others.
  mutating func insert(_ event: Event) -> Int {
    let row = slab.insert(event)
    rows[event.stamp] = row
    recent = row
    link(row)
    return row
  }

  /// Has an event's lines stand at a place behind those of all others.
  mutating func move(_ row: Int, to place: Int) {
    slab[row].place = place
    guard row != last else { return }
    unlink(row)
    link(row)
  }

  /// No record of it comes any more.
  mutating func close(_ row: Int) {
    guard slab[row].isOpen else { return }
    slab[row].isOpen = false
    rows[slab[row].stamp] = nil
    if recent == row { recent = -1 }
  }

  mutating func remove(_ row: Int) {
    close(row)
    unlink(row)
    (slab[row].answer, slab[row].number) = (nil, 0)
    slab.remove(at: row)
  }

  /// Whether the row has the event of this number.
  func has(_ row: Int, _ number: UInt64) -> Bool { slab[row].number == number }

  private mutating func link(_ row: Int) {
    (slab[row].previous, slab[row].next) = (last, -1)
    if last >= 0 { slab[last].next = row } else { first = row }
    last = row
  }

  private mutating func unlink(_ row: Int) {
    let (previous, next) = (slab[row].previous, slab[row].next)
    if previous >= 0 { slab[previous].next = next } else { first = next }
    if next >= 0 { slab[next].previous = previous } else { last = previous }
  }
}
