// SPDX-License-Identifier: Apache-2.0

/// Holds events back, from the first end of a namespace on, until the stream has said whether the
/// kernel's object lives on: `pinned=`. What it is given it passes on in the same order, and only
/// because of what stands in the stream, so that a replay prints what the live run printed.
///
/// In a stream that gives no answers nothing is held. Where records are missing nothing is, either,
/// and nothing for a second after more has come together than it holds.
package struct PinnedHold<Sink: AuditEventSink & ~Copyable>: TrackerSink, ~Copyable {
  /// Where the events go in the end.
  package var next: Sink
  private var hasAnswers = false
  /// Whether nothing is missing.
  private var isSure = false
  /// When more came than is held: CLOCK_REALTIME, nanoseconds.
  private var floodedNs: Int64?
  /// From `head` on; those before it have been passed on.
  private var held: [Held] = []
  private var head = 0
  /// The number of the event at place 0, counted from the first that was ever held.
  private var base = 0
  /// By inode number, which only one namespace has at a time.
  private var waits: [UInt32: Wait] = [:]
  /// A call that leaves a namespace is told when it returns, which may be after the namespace's end.
  private var freedEarly: RecentNumbers

  private struct Held {
    var event: AuditEvent
    /// How many of its records wait for an answer.
    var open: Int
  }

  private struct Wait {
    var id: NamespaceID
    var sinceNs: UInt64
    /// Which record of which event.
    var event: Int
    var record: Int
  }

  /// So many namespaces are waited for, and so many events held, at most.
  static var waitLimit: Int { 1024 }
  static var heldLimit: Int { 4096 }
  /// Nanoseconds.
  static var floodNs: Int64 { 1_000_000_000 }

  package init(_ next: consuming Sink) {
    self.next = next
    freedEarly = RecentNumbers(limit: Self.heldLimit)
  }

  /// Whose answers are missing, in the order in which they ended.
  package var waiting: [WaitingNamespace] {
    waits.values.sorted { ($0.event, $0.record) < ($1.event, $1.record) }
      .map { WaitingNamespace(id: $0.id, sinceNs: $0.sinceNs) }
  }

  package var isWaiting: Bool { !waits.isEmpty }

  /// Passes everything on: the stream is over, and nothing will be answered any more.
  package mutating func release() {
    waits.removeAll(keepingCapacity: true)
    for index in held.indices { held[index].open = 0 }
    passOn()
  }
}

// MARK: - Events

extension PinnedHold where Sink: ~Copyable {
  package mutating func write(_ event: borrowing AuditEvent) {
    guard hasAnswers, isSure else { return next.write(event) }
    note(event)
    if isFlooded(event.timeNs) { return next.write(event) }
    guard !held.isEmpty || event.namespaces.contains(where: { $0.verb == .destroy }) else {
      return next.write(event)
    }
    var event = copy event
    let open = wait(for: &event)
    if open == 0 && held.isEmpty { return next.write(event) }
    held.append(Held(event: event, open: open))
    if waits.count > Self.waitLimit || held.count - head > Self.heldLimit {
      floodedNs = event.timeNs
      release()
    }
  }

  private func isFlooded(_ timeNs: Int64) -> Bool {
    guard let floodedNs else { return false }
    return (0..<Self.floodNs).contains(timeNs &- floodedNs)
  }

  /// Whoever comes into a namespace says what became of those that had its number before.
  private mutating func note(_ event: borrowing AuditEvent) {
    for record in event.namespaces where record.granted {
      guard let id = record.namespace, record.verb != .destroy, record.op != .assign,
        record.op != .release
      else { continue }
      freedEarly.remove(id.inum)
      if let wait = waits[id.inum] { answer(id.inum, Self.survived(wait.id, as: id, record.op)) }
    }
  }

  /// Whether a namespace with the number of one that nobody used is the same; nil where the number is
  /// all there is, and it was not seen how the task came into it.
  private static func survived(
    _ old: NamespaceID, as new: NamespaceID, _ op: Operation
  ) -> Bool? {
    if old != new { return false }
    if new.nsid != 0 || op == .setns { return true }
    return op == .late || op == .resync ? nil : false
  }

  /// - Returns: how many answers the event, which comes behind those that are held, has to wait for.
  private mutating func wait(for event: inout AuditEvent) -> Int {
    var open = 0
    for index in event.namespaces.indices where event.namespaces[index].verb == .destroy {
      guard let id = event.namespaces[index].namespace else { continue }
      if freedEarly.remove(id.inum) {
        event.namespaces[index].isPinned = false
        continue
      }
      let number = base + held.count
      // Of one that was made again behind our back nothing more will be heard.
      if waits[id.inum]?.event == number { open -= 1 } else { answer(id.inum, nil) }
      waits[id.inum] = Wait(id: id, sinceNs: event.bootNs, event: number, record: index)
      open += 1
    }
    return open
  }
}

// MARK: - Answers

extension PinnedHold where Sink: ~Copyable {
  package mutating func hear(_ notice: FreeingNotice) {
    switch notice {
    case .answers(let come):
      release()
      hasAnswers = come
    case .unsure(let isUnsure):
      release()
      freedEarly.removeAll()
      isSure = !isUnsure
    case .freed(let inum):
      guard hasAnswers, isSure else { return }
      if waits[inum] == nil { freedEarly.insert(inum) } else { answer(inum, false) }
    case .answer(let id, let isPinned):
      if waits[id.inum]?.id == id { answer(id.inum, isPinned) }
    }
  }

  private mutating func answer(_ inum: UInt32, _ isPinned: Bool?) {
    guard let wait = waits.removeValue(forKey: inum) else { return }
    let index = wait.event - base
    held[index].event.namespaces[wait.record].isPinned = isPinned
    held[index].open -= 1
    passOn()
  }

  /// Those that wait for nothing, up to the first that does.
  private mutating func passOn() {
    while head < held.count, held[head].open == 0 {
      next.write(held[head].event)
      head += 1
    }
    guard head == held.count || head > Self.heldLimit else { return }
    base += head
    held.removeFirst(head)
    head = 0
  }
}

extension PinnedHold where Sink: ~Copyable {
  package mutating func flush() { next.flush() }

  /// The stream is over: whatever is held back is written.
  package mutating func finish() {
    release()
    next.flush()
  }
}
