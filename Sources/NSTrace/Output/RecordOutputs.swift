// SPDX-License-Identifier: Apache-2.0

/// A run's outputs: standard output, filtered, and the audit log and the kernel's audit trail, unfiltered, if
/// they are asked for. A live run keeps what it was told of sessions for those who ask.
package struct RecordOutputs: AuditEventSink, ~Copyable {
  package var filter: RecordFilter
  package var main: RecordWriter<AnyFormat>
  package var log: RecordWriter<AuditLineFormat>?
  /// The messages to the kernel's audit trail; nil: none.
  package var messages: AuditMessages?
  /// Nil: nobody can ask.
  package private(set) var sessions: SessionLog?

  package init(
    main: consuming RecordWriter<AnyFormat>, log: consuming RecordWriter<AuditLineFormat>?,
    filter: RecordFilter, sessions: SessionLog? = nil, messages: consuming AuditMessages? = nil
  ) {
    self.main = main
    self.log = log
    self.filter = filter
    self.sessions = sessions
    self.messages = messages
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    log?.write(event)
    messages?.write(event)
    if !event.visits.isEmpty { sessions?.write(event) }
    guard !filter.isEmpty else { return main.write(event) }
    var reduced = copy event
    if filter.reduce(&reduced) { main.write(reduced) }
  }

  package mutating func flush() {
    main.flush()
    log?.flush()
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
  package var isFailing: Bool { main.state.isFailing || logState?.isFailing == true }

  /// Writes what waits, as far as the files take it.
  package mutating func drain() {
    main.drain()
    log?.drain()
    messages?.drain()
  }

  /// Writes the rest of all: nothing more comes. A reader is waited for, a second at most.
  package mutating func finish() {
    main.finish(waiting: 1000)
    log?.finish(waiting: 1000)
    messages?.finish(waiting: 1000)
  }
}
