// SPDX-License-Identifier: Apache-2.0

/// A run's outputs: standard output, filtered, and unfiltered the audit log, containers' copies and the kernel's
/// audit trail, if they are asked for. A live run keeps what it was told of sessions for those who ask.
package struct RecordOutputs: AuditEventSink, ~Copyable {
  package var filter: RecordFilter
  /// What else records have to meet; nil: nothing.
  private var condition: ConditionFilter?
  /// How many events are printed at most; nil: all.
  private let eventsMax: Int?
  /// Of what processes records are printed; none: of all. Those that leave some out come first, because they
  /// have to see all events.
  private var trees: [TreeFilter]
  /// When printed events end; nil: they do not.
  private let period: StreamPeriod?
  package var main: RecordWriter<AnyFormat>
  package var log: RecordWriter<AuditLineFormat>?
  /// Containers' copies, unfiltered; nil: there are none.
  package let routes: Routes?
  /// The messages to the kernel's audit trail; nil: none.
  package var messages: TrailMessages?
  /// Nil: nobody can ask.
  package private(set) var sessions: SessionLog?

  package init(
    main: consuming RecordWriter<AnyFormat>, log: consuming RecordWriter<AuditLineFormat>?,
    filter: RecordFilter, trees: [TreeFilter] = [],
    condition: (any RecordCondition)? = nil, period: StreamPeriod? = nil, eventsMax: Int? = nil,
    routes: Routes? = nil,
    sessions: SessionLog? = nil,
    messages: consuming TrailMessages? = nil
  ) {
    self.main = main
    self.log = log
    self.filter = filter
    self.trees = trees
    if let condition { self.condition = ConditionFilter(condition) }
    self.period = period
    self.eventsMax = eventsMax
    self.routes = routes
    self.sessions = sessions
    self.messages = messages
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    log?.write(event)
    routes?.write(event)
    messages?.write(event)
    if !event.visits.isEmpty { sessions?.write(event) }
    if isComplete || period?.has(event.timeNs) == false { return }
    if selectsAll { return main.write(event) }
    writeSelected(event)
    for record in event.containers where record.verb == .drop {
      if let ended = record.old.elements.first { filter.noteEnd(of: ended.id) }
    }
  }

  /// Copies the event only if some of its records are printed, and some are not.
  private mutating func writeSelected(_ event: borrowing AuditEvent) {
    // Trees learn from all events.
    if trees.isEmpty {
      let verdict = filter.verdict(on: event)
      if verdict == .none { return }
      if verdict == .all { return writeMeeting(event) }
    }
    var reduced = copy event
    for index in trees.indices where !trees[index].reduce(&reduced) { return }
    if filter.reduce(&reduced) { writeMeeting(reduced) }
  }

  /// Writes the records that meet the condition.
  private mutating func writeMeeting(_ event: borrowing AuditEvent) {
    switch condition?.verdict(on: event) {
    case .none?: return
    case .all?, nil: return main.write(event)
    case .some?: break
    }
    var reduced = copy event
    condition?.reduce(&reduced)
    main.write(reduced)
  }

  /// Whether every record is printed.
  private var selectsAll: Bool {
    if !filter.isEmpty || !trees.isEmpty { return false }
    switch condition {
    case .none: return true
    case .some: return false
    }
  }

  package mutating func write(_ event: borrowing KernelEvent) {
    log?.write(event)
    routes?.write(event)
    if isComplete || period?.has(event.timeNs) == false { return }
    for tree in trees where !tree.selects(event) { return }
    guard !selectsAll else { return main.write(event) }
    guard filter.selects(event), condition?.selects(event) ?? true else { return }
    guard filter.reduces(event) else { return main.write(event) }
    var reduced = copy event
    filter.reduce(&reduced)
    main.write(reduced)
  }

  /// Whether as many events are printed as were asked for.
  package var isComplete: Bool { eventsMax.map { main.events >= $0 } ?? false }

  package mutating func note(name: [UInt8], of id: ContainerID) {
    filter.note(name: name, of: id)
  }

  package mutating func flush() {
    main.flush()
    log?.flush()
    routes?.flush()
    messages?.flush()
  }
}

// MARK: - Outputs that do not keep up

extension RecordOutputs {
  /// How the log fares; nil: there is none.
  package var logState: OutputState? {
    switch log {
    case .some(let log): log.state
    case nil: nil
    }
  }

  /// How the messages to the kernel's audit trail fare; nil: there are none.
  package var messagesState: OutputState? {
    switch messages {
    case .some(let messages): messages.state
    case nil: nil
    }
  }

  /// The number of records that the messages lack.
  package var missingMessages: UInt64 {
    switch messages {
    case .some(let messages): messages.missing
    case nil: 0
    }
  }

  /// Whether messages wait for their port.
  package var hasWaitingMessages: Bool {
    switch messages {
    case .some(let messages): messages.isWaiting
    case nil: false
    }
  }

  /// When there is room again for messages that were left out; nil: none were.
  package var messagesDue: ContinuousClock.Instant? {
    switch messages {
    case .some(let messages): messages.due
    case nil: nil
    }
  }

  /// Whether a file is tried again later.
  package var isFailing: Bool {
    main.state.isFailing || logState?.isFailing == true || routes?.isFailing == true
  }

  /// Writes what waits, as far as the files take it.
  package mutating func drain() {
    main.drain()
    log?.drain()
    routes?.drain()
    messages?.drain()
  }

  /// Writes the rest of all: nothing more comes. A reader is waited for, a second at most.
  package mutating func finish() {
    main.finish(waiting: 1000)
    log?.finish(waiting: 1000)
    routes?.finish()
    messages?.finish(waiting: 1000)
  }
}
