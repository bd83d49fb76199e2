// SPDX-License-Identifier: Apache-2.0

/// Holds events, from the first end of a namespace on, until the stream states whether the kernel's
/// object still exists: `pinned=`. It passes events on in their order. Only records of the stream
/// release them, so a replay prints what the live run printed.
///
/// Holds nothing if the stream carries no answers, while records are missing, or for 1 s after a
/// limit was exceeded.
package struct PinnedHold<Sink: AuditEventSink & ~Copyable>: TrackerSink, ~Copyable {
  /// Where the events go in the end.
  package var next: Sink
  private var hasAnswers = false
  /// Whether no records are missing.
  private var isSure = false
  /// When a limit was exceeded: CLOCK_REALTIME, nanoseconds.
  private var floodedNs: Int64?
  /// The held events, from `head` on; those before it have been passed on.
  private var held: [Held] = []
  private var head = 0
  /// The number of the event at index 0, counted from the first that was ever held.
  private var base = 0
  /// About how many bytes the held events take.
  private var bytes = 0
  /// By inode number, which one namespace has at a time.
  private var waits: [UInt32: Wait] = [:]
  /// Numbers whose FREED came before the namespace's end: a call that leaves a namespace is
  /// reported when it returns.
  private var freedEarly: RecentNumbers

  private struct Held {
    var event: AuditEvent
    /// The number of its records that wait for an answer.
    var open: Int
    /// About how many bytes it takes.
    var bytes: Int
  }

  private struct Wait {
    var id: NamespaceID
    var sinceNs: UInt64
    /// The number of the event, and the index of the record in it.
    var event: Int
    var record: Int
  }

  /// The most namespaces that are waited for, and the most events held.
  static var waitLimit: Int { 1024 }
  static var heldLimit: Int { 4096 }
  /// The bytes that held events take at most: one can list 200 IDs for each namespace.
  static var bytesLimit: Int { 16 << 20 }
  /// How long nothing is held after a limit was exceeded: nanoseconds.
  static var floodNs: Int64 { 1_000_000_000 }

  package init(_ next: consuming Sink) {
    self.next = next
    freedEarly = RecentNumbers(limit: Self.heldLimit)
  }

  /// The namespaces whose answers are missing, in the order of their ends.
  package var waiting: [WaitingNamespace] {
    waits.values.sorted { ($0.event, $0.record) < ($1.event, $1.record) }
      .map { WaitingNamespace(id: $0.id, sinceNs: $0.sinceNs) }
  }

  package var isWaiting: Bool {
    @specialized(where Sink == RecordOutputs) get { !waits.isEmpty }
  }

  /// Those that were passed on count as written.
  package var events: WrittenEvents { WrittenEvents(made: base + held.count, written: base + head) }

  /// Passes all held events on: the stream has ended, or gives no more answers.
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
    held.append(Held(event: event, open: open, bytes: event.roomBytes))
    bytes += event.roomBytes
    if isFull {
      floodedNs = event.timeNs
      release()
    }
  }

  private var isFull: Bool {
    waits.count > Self.waitLimit || held.count - head > Self.heldLimit || bytes > Self.bytesLimit
  }

  private func isFlooded(_ timeNs: Int64) -> Bool {
    guard let floodedNs else { return false }
    return (0..<Self.floodNs).contains(timeNs &- floodedNs)
  }

  /// Answers for earlier namespaces with the numbers of those that this event's tasks come into.
  private mutating func note(_ event: borrowing AuditEvent) {
    for record in event.namespaces where record.granted {
      guard let id = record.namespace, record.verb != .destroy, record.op != .assign,
        record.op != .release
      else { continue }
      freedEarly.remove(id.inum)
      if let wait = waits[id.inum] { answer(id.inum, Self.survived(wait.id, as: id, record.op)) }
    }
  }

  /// Whether a namespace is the one that had its number unused before; nil: only the number is
  /// known, and how the task came into it was not seen.
  private static func survived(
    _ old: NamespaceID, as new: NamespaceID, _ op: Operation
  ) -> Bool? {
    if old != new { return false }
    if new.nsid != 0 || op == .setns { return true }
    return op == .late || op == .resync ? nil : false
  }

  /// Registers the ends in an event that follows the held ones.
  /// - Returns: the number of answers that the event waits for.
  private mutating func wait(for event: inout AuditEvent) -> Int {
    var open = 0
    for index in event.namespaces.indices where event.namespaces[index].verb == .destroy {
      guard let id = event.namespaces[index].namespace else { continue }
      if freedEarly.remove(id.inum) {
        event.namespaces[index].isPinned = false
        continue
      }
      let number = base + held.count
      // Another end with this number: the first gets no answer any more.
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

  /// Passes on the events before the first that waits.
  private mutating func passOn() {
    while head < held.count, held[head].open == 0 {
      next.write(held[head].event)
      bytes -= held[head].bytes
      held[head].event = AuditEvent()
      head += 1
    }
    guard head == held.count || head > Self.heldLimit else { return }
    base += head
    held.removeFirst(head)
    head = 0
  }
}

extension PinnedHold where Sink: ~Copyable {
  /// Passes it on at once: it has a serial of its own, and so many may come that holding them would use up
  /// the room of the others.
  package mutating func write(_ event: borrowing KernelEvent) { next.write(event) }

  package mutating func note(name: [UInt8], of id: ContainerID) { next.note(name: name, of: id) }

  package mutating func flush() { next.flush() }

  /// Passes all held events on: the stream has ended.
  package mutating func finish() {
    release()
    next.flush()
  }
}
