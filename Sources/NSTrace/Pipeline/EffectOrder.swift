// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Hands the records of a stream to a handler, each report after the report that explains it.
///
/// A task is in its new namespaces before its system call returns, up to 230 ms before (unshare(2)
/// takes the old mounts down in between), and only the return is reported. Another task can enter
/// them meanwhile, and report first. A report that names a namespace which no record so far
/// explains is therefore held, with all that follows it, until the stream explains the namespace:
///
/// - The maker's own report comes. It is handed over first.
/// - A walk over all tasks (`NST_KIND_USERS`) finds no task in it that has yet to report. Then no
///   task used the namespace, something kept it, and it was entered again.
/// - FREED reports its number. Then no task in it has yet to report.
/// - A walk finds a task in it that has not reported for `patienceNs`, or whose next report shows
///   that it had come by a call that no hook sees. What the walk saw of that task is handed over
///   first.
/// - Records are missing, or more than `heldLimit` bytes are held. Then nothing explains it any
///   more.
/// - The stream ends the wait (USERS without a namespace). Then it is as if the patience were over.
///
/// Reports given up for lack of room or time are recorded as a loss (`NST_LOST_UNEXPLAINED`), once a
/// second at most.
///
/// Before anything but the maker's own report answers, a report explains the namespace whose task was
/// in it before the reported call, and had come by a call that no hook sees.
///
/// Only the stream decides, so a replay decides as the live run did. Where the stream is cut into
/// batches makes no difference.
package struct EffectOrder: Sendable {
  /// The first held report.
  private struct Question {
    /// The namespaces that no record explains.
    var ids: [NamespaceID]
    var position: Int
    /// The report's time: CLOCK_BOOTTIME, nanoseconds.
    var timeNs: UInt64
  }

  private var decoder = EventDecoder()
  private var held = HeldRecords()
  private var question: Question?
  private var untold = UnexplainedReports()
  /// The time of the report that was given up last: CLOCK_BOOTTIME, nanoseconds.
  private var lastTimeNs: UInt64 = 0
  /// Whether the stream has ended.
  private var isOver = false

  /// The bytes of the stream that are held at most.
  static let heldLimit = 16 << 20
  private let heldLimit: Int
  /// How long a task that a walk finds in an unexplained namespace may take to report it:
  /// nanoseconds.
  package static let patienceNs: UInt64 = 500_000_000

  package init() { self.init(heldLimit: Self.heldLimit) }

  /// - Parameter heldLimit: bytes.
  init(heldLimit: Int) { self.heldLimit = heldLimit }

  /// The number of wire records that were handed over.
  package var records: UInt64 { decoder.records }

  /// Whether a report waits for its explanation.
  package var isWaiting: Bool { question != nil }

  /// The bytes of the records that wait.
  package var heldBytes: Int { question == nil ? 0 : held.records.count }

  /// The namespaces whose users a walk should find: those that held reports name and no record
  /// explains. Empty when nothing is held.
  package func waiting(for handler: borrowing some EffectWitness & ~Copyable) -> [NamespaceID] {
    guard let question else { return [] }
    var ids = Set(question.ids)
    for position in held.entries(after: question.position, limit: Self.askedLimit) {
      ids.formUnion(
        handler.unexplained(held.records.task(at: position), in: held.records.set(at: position)))
    }
    return Array(ids)
  }

  /// Whether a walk has reported a namespace's users since the waiting report. From then on only
  /// time or another record changes the answer.
  func hasAnswer(about id: NamespaceID) -> Bool {
    question.map { held.hasAnswer(about: id, after: $0.position, since: $0.timeNs) } ?? false
  }

  /// The number of held reports whose namespaces a walk looks for at once.
  private static let askedLimit = 256

  /// Hands over the held records and those of `batch`, as far as they are explained.
  /// - Throws: `WireError`; the records before the damage have been handed over.
  package mutating func process(
    _ batch: borrowing RecordBatch, into handler: inout some EffectWitness & ~Copyable
  ) throws(WireError) {
    try batch.withBytes { (records) throws(WireError) in
      guard question == nil else { return try processBehind(records, into: &handler) }
      handler.declines = true
      let taken = try decoder.decode(records, into: &handler)
      if taken == records.byteCount { return }
      held.begin(with: records.extracting(taken..<records.byteCount))
      ask(handler.takeDeclined(), at: 0)
      try settle(&handler)
    }
  }

  /// Hands over all held records: the stream has ended.
  /// - Throws: `WireError`; the records before the damage have been handed over.
  package mutating func release(
    into handler: inout some EffectWitness & ~Copyable
  ) throws(WireError) {
    isOver = true
    try settle(&handler)
  }

  private mutating func processBehind(
    _ records: RawSpan, into handler: inout some EffectWitness & ~Copyable
  ) throws(WireError) {
    let before = held.append(records)
    do throws(WireError) {
      try settle(&handler)
    } catch {
      throw error.moved(by: -before)
    }
  }

  private mutating func ask(_ ids: [NamespaceID], at position: Int) {
    question = Question(
      ids: ids, position: position, timeNs: held.records.header(at: position).time_ns)
  }
}

// MARK: - Answers

extension EffectOrder {
  /// Answers questions in turn, as far as the stream does.
  private mutating func settle(
    _ handler: inout some EffectWitness & ~Copyable
  ) throws(WireError) {
    while let question {
      guard let explanations = explanations(of: question) else { return }
      lastTimeNs = question.timeNs
      if let loss = untold.loss(at: lastTimeNs) { handler.lost(loss) }
      try answer(explanations, &handler)
    }
    if let loss = untold.rest(at: lastTimeNs) { handler.lost(loss) }
  }

  /// The records that go before the report; nil: the stream has not explained it yet.
  private mutating func explanations(of question: Question) -> [HeldRecords.Explanation]? {
    var isGivenUp = false
    var found: [HeldRecords.Explanation] = []
    for id in question.ids {
      switch resolution(of: id, question) {
      case .open: return nil
      case .explained(let explanations):
        for explanation in explanations where !found.contains(explanation) {
          found.append(explanation)
        }
      case .givenUp: isGivenUp = true
      case .unexplained: break
      }
    }
    if isGivenUp { untold.add(at: question.timeNs) }
    return found.sorted { $0.position < $1.position }
  }

  private enum Resolution {
    case open
    case explained([HeldRecords.Explanation])
    case unexplained
    case givenUp
  }

  /// Decided by whichever comes first in the stream.
  private mutating func resolution(of id: NamespaceID, _ question: Question) -> Resolution {
    while true {
      let loss = held.loss(after: question.position)
      let free = held.freeing(of: id, after: question.position)
      let full = held.limit(heldLimit, after: question.position)
      let end = held.end(after: question.position)
      let finding = held.finding(
        about: id, after: question.position, since: question.timeNs, patience: Self.patienceNs)
      let maker = held.maker(of: id, after: question.position)
      let positions = [maker?.last?.position, finding?.position, loss, free, full, end]
      if let first = positions.compactMap(\.self).min() {
        if first == maker?.last?.position { return .explained(maker ?? []) }
        let statement = held.statement(of: id, after: question.position, through: first)
        let silent = first == finding?.position ? finding?.silent : nil
        if let explanation = statement ?? silent { return .explained([explanation]) }
        if first == loss || first == free { return .unexplained }
        if first == end { return resolution(atEndOfWaitFor: id, question) }
        return first == full || finding?.isCut == true ? .givenUp : .unexplained
      }
      guard held.index() else { return isOver ? resolution(atEndOfStreamFor: id, question) : .open }
    }
  }

  /// The stream ends without an answer.
  private func resolution(atEndOfStreamFor id: NamespaceID, _ question: Question) -> Resolution {
    let statement = held.statement(of: id, after: question.position, through: held.indexed)
    return statement.map { .explained([$0]) } ?? .unexplained
  }

  /// The stream ends the wait: as if the patience were over.
  private func resolution(atEndOfWaitFor id: NamespaceID, _ question: Question) -> Resolution {
    let finding = held.finding(
      about: id, after: question.position, since: question.timeNs, patience: 0)
    guard let finding else { return .givenUp }
    if let silent = finding.silent { return .explained([silent]) }
    return finding.isCut ? .givenUp : .unexplained
  }

  /// Hands over the explanations, then the report that waited for them, then what follows it.
  private mutating func answer(
    _ explanations: [HeldRecords.Explanation], _ handler: inout some EffectWitness & ~Copyable
  ) throws(WireError) {
    guard let question else { return }
    self.question = nil
    handler.declines = false
    for explanation in explanations {
      let record = held.take(explanation)
      do throws(WireError) {
        try record.withBytes { (bytes) throws(WireError) in
          try decoder.decode(bytes, into: &handler)
        }
      } catch {
        throw error.moved(by: explanation.position)
      }
    }
    var position = question.position
    var isFirst = true
    while let range = held.records.run(from: position, isOne: isFirst) {
      handler.declines = !isFirst
      isFirst = false
      var taken = 0
      try held.records.withBytes(range) { (bytes) throws(WireError) in
        taken = try decoder.decode(bytes, into: &handler)
      }
      position = range.lowerBound + taken
      guard taken < range.count else { continue }
      held.dropAll(before: position)
      return ask(handler.takeDeclined(), at: position)
    }
    held.removeAll()
  }
}
