// SPDX-License-Identifier: Apache-2.0

/// The container sessions that a run's records tell of (T4): who was inside which container, from when
/// to when, and what they did there.
///
/// A live run keeps sessions that have ended, and events, up to a limit. The login with the most makes
/// room first, so that nobody can push out those of others.
package struct SessionLog: AuditEventSink {
  /// One session.
  package struct Entry: Sendable {
    /// Its begin, or that it went on, or had ended, when the run began. The way is how its task came in.
    package var begin: SessionRecord
    /// When it began: CLOCK_REALTIME, nanoseconds.
    package var beganNs: Int64
    /// Its end; nil: it goes on.
    package var end: End?
    package var counts = SessionCounts()
    /// Its last events, the oldest first.
    package var events: [AuditEvent] = []
    /// The number of earlier events.
    package var leftOut: UInt64 = 0
    fileprivate var bytes = 0
  }

  /// How a session ended.
  package struct End: Sendable {
    package var way: SessionRecord.Way
    /// CLOCK_REALTIME, nanoseconds.
    package var timeNs: Int64
  }

  /// What is kept at most.
  package struct Limits: Sendable {
    /// Sessions that have ended.
    var sessions: Int
    /// Events of one session. Beyond, half of them are left out.
    var events: Int
    /// Bytes of all events.
    var bytes: Int

    /// For a live run: about 20 MiB.
    package static let live = Limits(sessions: 4096, events: 256, bytes: 16 << 20)
    package static let none = Limits(sessions: .max, events: .max, bytes: .max)
  }

  private var entries: [UInt32: Entry] = [:]
  /// The sessions that have ended, by the entrant's login, the oldest first.
  private var ended: [UInt32: [UInt32]] = [:]
  private var endedCount = 0
  private var bytes = 0
  /// The number of sessions that are not kept any more.
  package private(set) var forgotten: UInt64 = 0
  private let limits: Limits
  private let keepsEvents: Bool

  /// An empty log.
  /// - Parameter keepsEvents: false: events are only counted.
  package init(_ limits: Limits, keepsEvents: Bool = true) {
    self.limits = limits
    self.keepsEvents = keepsEvents
  }

  /// The sessions in the order of their beginnings.
  package var sessions: [Entry] {
    entries.values.sorted { $0.begin.visit.session < $1.begin.visit.session }
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    // Every session that an event names is among these.
    if event.visits.isEmpty { return }
    for record in event.sessions where record.verb != .end || record.wayIn != nil {
      begin(record, at: event.timeNs)
    }
    for visit in event.visits { note(event, visit.session) }
    for record in event.sessions where record.verb == .end { end(record, at: event.timeNs) }
  }

  private mutating func begin(_ record: SessionRecord, at timeNs: Int64) {
    // No tracer gives a number twice, but a dump can be anything: the first begin counts.
    if entries[record.visit.session] != nil { return }
    var begin = record
    begin.way = record.wayIn ?? record.way
    entries[record.visit.session] = Entry(begin: begin, beganNs: record.sinceNs ?? timeNs)
  }

  private mutating func note(_ event: borrowing AuditEvent, _ session: UInt32) {
    guard entries[session] != nil else { return }
    entries[session]?.counts.add(event, of: session)
    if keepsEvents { keep(event, of: session) }
  }

  private mutating func end(_ record: SessionRecord, at timeNs: Int64) {
    let session = record.visit.session
    guard let entry = entries[session], entry.end == nil else { return }
    entries[session]?.end = End(way: record.way, timeNs: timeNs)
    ended[entry.login, default: []].append(session)
    endedCount += 1
    if endedCount > limits.sessions { forgetOldest() }
  }

  private mutating func forgetOldest() {
    // Of two that have as many the one with the lower number: a replay forgets the same.
    let login = ended.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
    guard let login, let session = ended[login]?.removeFirst() else { return }
    if ended[login]?.isEmpty == true { ended[login] = nil }
    endedCount -= 1
    forgotten += 1
    bytes -= entries.removeValue(forKey: session)?.bytes ?? 0
  }
}

// MARK: - Events

extension SessionLog {
  private mutating func keep(_ event: borrowing AuditEvent, of session: UInt32) {
    let room = event.roomBytes
    entries[session]?.events.append(copy event)
    entries[session]?.bytes += room
    bytes += room
    if let count = entries[session]?.events.count, count > limits.events { halve(session) }
    if bytes > limits.bytes { makeRoom() }
  }

  /// Leaves out the older half of a session's events.
  private mutating func halve(_ session: UInt32) {
    guard var entry = entries.removeValue(forKey: session) else { return }
    let count = (entry.events.count + 1) / 2
    let room = entry.events[..<count].reduce(0) { $0 + $1.roomBytes }
    entry.events.removeFirst(count)
    entry.leftOut += UInt64(count)
    entry.bytes -= room
    bytes -= room
    entries[session] = entry
  }

  /// Halves the sessions with the most bytes until a quarter of the room is free, so that the next
  /// events need not look for them again.
  private mutating func makeRoom() {
    let largest = entries.sorted { ($1.value.bytes, $0.key) < ($0.value.bytes, $1.key) }
    for (session, _) in largest where bytes > limits.bytes / 4 * 3 { halve(session) }
  }
}

extension SessionLog.Entry {
  /// The login user of the task that came in.
  fileprivate var login: UInt32 { begin.entrant?.auid ?? .max }
}
