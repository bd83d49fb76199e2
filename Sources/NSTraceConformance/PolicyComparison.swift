// SPDX-License-Identifier: Apache-2.0

package import CNSWire
public import NSTrace

/// Compares the events of one stream under several policies.
///
/// Each wire record goes to a tracker of each policy, and their events are compared. Serials differ
/// between policies, because some events exist under some policies only.
public struct PolicyComparison: EffectWitness, EachRecord {
  /// An event on which the policies differ.
  public struct Difference: Equatable, Sendable {
    /// The serial under the first policy; nil: there is no such event.
    public var serial: UInt64?
    /// The time of the event: CLOCK_REALTIME, nanoseconds since the epoch.
    public var timeNs: Int64
    /// The operation, as `op=` prints it.
    public var what: String
    /// The tid of the task concerned.
    public var opid: UInt32
    /// What each policy's event says, in the order of the policies.
    public var said: [String]
  }

  /// The events on which the policies differ, in the order of the stream.
  public private(set) var differences: [Difference] = []
  /// How many things have happened for which at least one policy has an event.
  public private(set) var events: UInt64 = 0
  /// Whether the first tracker declines a report. Namespaces are the same under each policy, so all
  /// decline it.
  package var declines = false
  private let runs: [Run]

  /// Begins an empty comparison.
  /// - Parameters:
  ///   - policies: at least two, in the order in which they are printed.
  ///   - options: the same for each policy, such as the source of IDs.
  public init(of policies: [any ContainerPolicy], options: TrackerOptions = TrackerOptions()) {
    runs = policies.map { Run($0, options) }
  }

  /// One policy's tracker. A class, because an array cannot hold a value that cannot be copied.
  private final class Run {
    let name: StaticString
    var tracker: Tracker<Statements>

    init(_ policy: any ContainerPolicy, _ options: TrackerOptions) {
      name = policy.name
      tracker = Tracker(sink: Statements(), policy: policy, options: options)
    }
  }

  /// Compares the events of one record. There are several if the record ends a task and reports
  /// another.
  private mutating func compare() {
    let count = runs.map { $0.tracker.sink.statements.count }.max() ?? 0
    guard count > 0 else { return }
    let keys = runs.flatMap { $0.tracker.sink.statements.map(\.key) }
    let found = runs.map { run in
      Dictionary(
        run.tracker.sink.statements.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }
    var seen: Set<Statement.Key> = []
    for key in keys where seen.insert(key).inserted { compare(key, found.map { $0[key] }) }
    for run in runs { run.tracker.sink.statements.removeAll(keepingCapacity: true) }
  }

  private mutating func compare(_ key: Statement.Key, _ found: [Statement?]) {
    events += 1
    let said = found.map { $0?.said ?? "-" }
    guard Set(said).count > 1 else { return }
    differences.append(
      Difference(
        serial: found[0]?.serial, timeNs: key.timeNs, what: key.what, opid: key.opid, said: said))
  }
}

// MARK: - Which reports are explained

extension PolicyComparison {
  package var hasDeclined: Bool { runs.first?.tracker.hasDeclined ?? false }

  package mutating func takeDeclined() -> [NamespaceID] {
    runs.first?.tracker.takeDeclined() ?? []
  }

  package func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID] {
    runs.first?.tracker.unexplained(task, in: set) ?? []
  }
}

// MARK: - Records

extension PolicyComparison {
  package mutating func observe(_ record: RawRecord) {
    if declines, decline(record) { return }
    for run in runs { give(record, to: run) }
    compare()
  }

  private func decline(_ record: RawRecord) -> Bool {
    switch record {
    case .task(let event, _): runs.first?.tracker.decline(event) ?? false
    case .switchNamespaces(let event, _): runs.first?.tracker.decline(event) ?? false
    case .exec(let event, _, _): runs.first?.tracker.decline(event) ?? false
    // As in the tracker.
    case .fork, .exit, .clone, .cgroup, .cgroupIn, .attach, .freed, .pinned, .users,
      .confined, .host, .clock, .snapshotBegin, .snapshotEnd, .lost, .suppressed, .member,
      .register, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost, .unknown:
      false
    }
  }

  private func give(_ record: RawRecord, to run: Run) { record.deliver(to: &run.tracker) }
}

// MARK: - Statements

/// What an audit event says of containers, in a few words.
private struct Statement {
  /// The parts that are the same under every policy.
  struct Key: Hashable {
    var timeNs: Int64
    var what: String
    var opid: UInt32
  }

  var serial: UInt64
  var key: Key
  var said: String

  init?(_ event: borrowing AuditEvent) {
    let opid =
      event.namespaces.first?.opid ?? event.containers.first?.opid ?? event.sessions.first?.opid
    guard let opid else { return nil }
    // Records that only some policies have stand behind those that all have, and do not name the
    // event.
    let told = event.namespaces.first { $0.op != .assign && $0.op != .release }?.op.name
    serial = event.serial
    key = Key(timeNs: event.timeNs, what: "\(Self.what(of: event, told))", opid: opid)
    said = Self.words(of: event)
  }

  private static func what(
    of event: borrowing AuditEvent, _ op: StaticString?
  ) -> StaticString {
    if let op { return op }
    if !event.containers.isEmpty, event.containers.allSatisfy({ $0.verb == .update }) {
      return "update"
    }
    if event.containers.isEmpty, let op = event.sessions.first?.way.op { return op.name }
    // Without a call only a registration, or a move to another cgroup, sets an ID.
    guard event.call == nil else { return "exit" }
    if event.isAttach { return "attach" }
    return event.containers.contains { $0.verb == .set } ? "register" : "exit"
  }

  private static func words(of event: borrowing AuditEvent) -> String {
    let sessions = event.sessions.map { "\($0.verb) \($0.visit.containers.brief)" }
    if event.containers.isEmpty {
      let task = event.namespaces.first.map { ["contid \($0.containers.brief)"] } ?? []
      return (task + sessions).joined(separator: ", ")
    }
    var words = sessions
    for word in event.containers.map({ Self.words($0) }) where words.last != word {
      words.append(word)
    }
    return words.joined(separator: ", ")
  }

  private static func words(_ record: ContainerRecord) -> String {
    if let refusal = record.refusal { return "\(refusal.name)" }
    if record.verb == .drop { return "drop \(record.old.brief)" }
    if record.verb == .update {
      return record.cgroup == nil ? "update \(record.id.brief)" : "update cgroup"
    }
    return record.old.isUnset
      ? "set \(record.id.brief)" : "set \(record.id.brief) in \(record.old.brief)"
  }
}

/// Collects the statements of one wire record's events.
private struct Statements: TrackerSink {
  var statements: [Statement] = []

  mutating func write(_ event: borrowing AuditEvent) {
    if let statement = Statement(event) { statements.append(statement) }
  }
}

extension ContainerID {
  /// The first eight digits of a UUID, unless they are zeros, so that eight columns fit a line.
  var brief: String { high >> 32 == 0 || isUnset ? "\(self)" : "\("\(self)".prefix(8)).." }
}

extension ContainerList {
  /// The description, with UUIDs cut.
  fileprivate var brief: String {
    elements.isEmpty
      ? "-1" : elements.map { ($0.isParent ? "^" : "") + $0.id.brief }.joined(separator: ",")
  }
}

// MARK: - The table

extension PolicyComparison {
  /// Appends aligned columns, and a last line with the counts.
  package func writeTable(to text: inout TextBuffer) {
    let heading = ["SERIAL", "TIME (UTC)", "OP", "TASK"] + runs.map { "\($0.name)" }
    let rows = [heading] + differences.map(Self.cells)
    let widths = heading.indices.map { column in rows.map { $0[column].utf8.count }.max() ?? 0 }
    for row in rows {
      for (column, cell) in row.enumerated() {
        let start = text.count
        text.append(cell)
        if column < row.count - 1 { text.pad(from: start, to: widths[column] + 2) }
      }
      text.append("\n")
    }
    text.append("\(events) events, on \(differences.count) of them the policies differ\n")
  }

  private static func cells(_ difference: Difference) -> [String] {
    var time = TextBuffer()
    let stamp = Timestamp(difference.timeNs)
    stamp.appendClock(to: &time)
    time.append(".")
    time.append(decimal: UInt64(stamp.nanosecond / 1_000_000), minimumDigits: 3)
    return [
      difference.serial.map { "\($0)" } ?? "-", String(decoding: time.bytes, as: UTF8.self),
      difference.what, "\(difference.opid)",
    ] + difference.said
  }
}
