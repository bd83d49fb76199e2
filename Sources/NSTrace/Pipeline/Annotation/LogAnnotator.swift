// SPDX-License-Identifier: Apache-2.0

/// Adds the CONTAINER_ID lines of each event to a log that auditd wrote. All other lines stay as they
/// are, and in their order.
///
/// An event is complete with PROCTITLE, with a record that stands alone, with EOE, or once the log has
/// gone on for 2 s without a record of it. Its lines stand before such a record, else behind the last
/// one: there the readers of audit logs take them as records of the event.
///
///     try annotator.take(line)
///     for question in annotator.takeQuestions() { annotator.answer(question, …) }
///     annotator.release()
///     // annotator.output has what waits for nothing any more
package struct LogAnnotator: ~Copyable {
  package private(set) var counts = AnnotationCounts()
  /// What waits for nothing any more. Who writes it empties it.
  package var output = TextBuffer()

  /// Where the lines come from.
  package enum Origin: Sendable {
    /// A file that auditd has written on this host, by the name that `node=` has; nil: not known.
    case file(node: [UInt8]?)
    /// auditd itself, which gives its plugins EOE too, and does not write it. It may pass on events of other
    /// hosts (`distribute_network`): those with another name in `node=` than this one.
    case plugin(node: [UInt8])
  }

  private let origin: Origin
  /// The name that the log had last.
  private var lastNode: [UInt8] = []
  private var types = RecordTypeCache()
  private var events = AnnotatedEvents()
  /// The rows and numbers of events that are to be asked about.
  private var unasked: [AnnotationQuestion] = []
  /// The lines that are not in the output yet, from `start` on.
  private var held: [UInt8] = []
  private var start = 0
  /// The number of bytes before those held.
  private var base = 0
  /// The latest stamp, in milliseconds.
  private var latestMs: Int64 = 0

  /// The most events that wait, and the most bytes held.
  static var eventLimit: Int { 65_536 }
  static var heldLimit: Int { 64 << 20 }
  /// How much later than its last record the log is when an event is complete (auditd's
  /// `end_of_event_timeout`).
  static var patienceMs: Int64 { 2000 }

  package init(_ origin: Origin) { self.origin = origin }

  /// Whether events have to be answered before more lines are taken. If that gives no room, the
  /// oldest event is taken as complete.
  package var isFull: Bool {
    events.count >= Self.eventLimit || held.count - start >= Self.heldLimit
  }

  /// Whether any line waits.
  package var isHolding: Bool { held.count > start || !events.isEmpty }

  /// The first and the last stamp of the log, in milliseconds; nil: it had none.
  package private(set) var span: ClosedRange<Int64>?
}

// MARK: - Lines

extension LogAnnotator {
  /// Takes a line with its newline.
  /// - Throws: `AnnotationError` for a line that shows that this log must not be annotated.
  package mutating func take(_ line: Span<UInt8>) throws(AnnotationError) {
    counts.lines += 1
    guard let head = AuditLogLine(line) else {
      counts.others += 1
      return hold(line)
    }
    if isForeign(head, line) {
      counts.foreign += 1
      return hold(line)
    }
    let type = types.number(of: head.type, in: line)
    try check(head, type, line)
    note(head.stamp)
    if type == KernelEvent.endOfEvent { return end(head.stamp, line) }
    add(head, type, line)
  }

  /// Whether auditd passes it on for another host. Numbers of events are given by each host.
  private func isForeign(_ head: AuditLogLine, _ line: Span<UInt8>) -> Bool {
    guard case .plugin(let own) = origin, let node = head.node else { return false }
    return !Self.isSame(node.map { line[$0] }, own)
  }

  private mutating func end(_ stamp: LogStamp, _ line: Span<UInt8>) {
    if let row = events.find(stamp) { events.close(row) }
    if case .file = origin { hold(line) }
  }

  /// Takes a part of a line that is too long to be looked at. No record of audit's is so long, so what is
  /// open before it is complete.
  /// - Parameter isFirst: whether the line begins with it.
  package mutating func take(long bytes: Span<UInt8>, isFirst: Bool) {
    closeAll()
    if isFirst {
      counts.lines += 1
      counts.long += 1
    }
    hold(bytes)
  }

  /// Takes the end of a file that ends within a line: half a record, which belongs to no event.
  package mutating func take(cut bytes: Span<UInt8>) {
    counts.lines += 1
    counts.others += 1
    hold(bytes)
  }

  /// Ends a line that was cut, because another file follows.
  package mutating func endLine() { held.append(0x0a) }

  private mutating func check(
    _ head: AuditLogLine, _ type: UInt16?, _ line: Span<UInt8>
  ) throws(AnnotationError) {
    if type == Self.ownType, case .file = origin { throw .alreadyAnnotated(line: counts.lines) }
    guard let range = head.node, !Self.isEqual(line.extracting(range), lastNode) else { return }
    lastNode = range.map { line[$0] }
    guard case .file(let node?) = origin, !Self.isSame(lastNode, node) else { return }
    throw .otherNode(log: lastNode, expected: node)
  }

  private static func isEqual(_ name: Span<UInt8>, _ other: [UInt8]) -> Bool {
    guard name.count == other.count else { return false }
    for index in name.indices where name[index] != other[index] { return false }
    return true
  }

  /// CONTAINER_ID.
  private static var ownType: UInt16 {
    UInt16(RecordType.defaultBase + (RecordType.containerID.offset ?? 0))
  }

  /// auditd may write the host's name with its domain (`name_format = fqd`).
  private static func isSame(_ node: [UInt8], _ name: [UInt8]) -> Bool {
    let (short, long) = node.count < name.count ? (node, name) : (name, node)
    guard !short.isEmpty, long.starts(with: short) else { return false }
    return long.count == short.count || long[short.count] == UInt8(ascii: ".")
  }

  private mutating func note(_ stamp: LogStamp) {
    latestMs = max(latestMs, stamp.timeMs)
    let span = span ?? stamp.timeMs...stamp.timeMs
    self.span = min(span.lowerBound, stamp.timeMs)...max(span.upperBound, stamp.timeMs)
  }

  private mutating func add(_ head: AuditLogLine, _ type: UInt16?, _ line: Span<UInt8>) {
    let row = openEvent(of: head)
    if events[row].pid == nil, let type {
      events[row].pid = KernelFields.pid(
        of: line.extracting(Self.withoutNewline(head.text, line)), type: KernelRecordType(type))
    }
    let isLast = type.map { $0 == KernelEvent.proctitle || KernelEvent.standsAlone($0) } ?? false
    if isLast { events.move(row, to: end) }
    hold(line)
    if !isLast { events.move(row, to: end) }
    events[row].seenMs = latestMs
    if isLast { events.close(row) }
    ask(row)
  }

  private static func withoutNewline(_ text: Range<Int>, _ line: Span<UInt8>) -> Range<Int> {
    let end = text.upperBound
    return text.lowerBound..<(end > text.lowerBound && line[end - 1] == 0x0a ? end - 1 : end)
  }

  private mutating func openEvent(of head: AuditLogLine) -> Int {
    if let row = events.find(head.stamp) {
      if latestMs - events[row].seenMs <= Self.patienceMs { return row }
      events.close(row)
    }
    if isFull { closeOldest() }
    counts.events += 1
    return events.insert(
      AnnotatedEvents.Event(
        stamp: head.stamp, number: UInt64(counts.events), place: end, seenMs: latestMs,
        hasNode: head.node != nil))
  }

  private mutating func ask(_ row: Int) {
    guard !events[row].isAsked, let pid = events[row].pid else { return }
    events[row].isAsked = true
    unasked.append(
      AnnotationQuestion(
        event: events[row].number, pid: pid, timeNs: events[row].stamp.timeNs, row: row))
  }
}

// MARK: - Answers

extension LogAnnotator {
  /// The questions since this was last called.
  package mutating func takeQuestions() -> [AnnotationQuestion] {
    defer { unasked.removeAll(keepingCapacity: true) }
    return unasked
  }

  /// Answers a question. One about an event that was given up changes nothing.
  package mutating func answer(_ question: AnnotationQuestion, _ answer: AnnotationAnswer) {
    guard isWaiting(question) else { return }
    events[question.row].answer = answer
  }

  /// Whether nobody has answered a question yet, and its event was not given up.
  package func isWaiting(_ question: AnnotationQuestion) -> Bool {
    events.has(question.row, question.event) && events[question.row].answer == nil
  }

  /// Takes events as complete that have had no record for long, and puts what waits for nothing any
  /// more into the output.
  package mutating func release() {
    closeOld()
    var row = events.first
    while row >= 0, isReady(row) {
      pass(upTo: events[row].place)
      write(row)
      events.remove(row)
      row = events.first
    }
    pass(upTo: row < 0 ? end : events[row].place)
  }

  /// Takes all events as complete: nothing follows.
  package mutating func closeAll() {
    var row = events.first
    while row >= 0 {
      events.close(row)
      row = events.row(behind: row)
    }
  }

  /// Gives up all answers that have not come.
  package mutating func giveUp() {
    var row = events.first
    while row >= 0 {
      if events[row].isAsked && events[row].answer == nil { events[row].answer = .unanswered }
      row = events.row(behind: row)
    }
  }

  private mutating func closeOld() {
    var row = events.first
    while row >= 0 {
      if events[row].isOpen {
        if latestMs - events[row].seenMs <= Self.patienceMs { return }
        events.close(row)
      }
      row = events.row(behind: row)
    }
  }

  /// The first one that is open; if none is, nobody has answered the first one.
  private mutating func closeOldest() {
    var row = events.first
    while row >= 0, !events[row].isOpen { row = events.row(behind: row) }
    guard row >= 0 else { return }
    counts.early += 1
    events.close(row)
  }

  private func isReady(_ row: Int) -> Bool {
    !events[row].isOpen && (events[row].pid == nil || events[row].answer != nil)
  }

  private mutating func write(_ row: Int) {
    guard let answer = events[row].answer else {
      counts.nameless += 1
      return
    }
    switch answer {
    case .outside: counts.outside += 1
    case .unknown: counts.unknown += 1
    case .unanswered: counts.unanswered += 1
    case .known(let mentions): write(mentions, row)
    }
  }

  private mutating func write(_ mentions: [ContainerMention], _ row: Int) {
    if mentions.isEmpty {
      counts.host += 1
    } else if mentions.contains(where: { $0.session != nil }) {
      counts.inside += 1
    } else {
      counts.member += 1
    }
    for (index, mention) in mentions.enumerated() {
      append(mention, index + 1, row)
    }
  }

  private mutating func append(_ mention: ContainerMention, _ index: Int, _ row: Int) {
    if events[row].hasNode {
      output.append("node=")
      output.append(raw: lastNode)
      output.append(" ")
    }
    let stamp = events[row].stamp
    AuditLineFormat(spelling: .numbers(base: RecordType.defaultBase))
      .beginRecord(.containerID, timeNs: stamp.timeNs, serial: stamp.serial, to: &output)
    AuditLineFormat.number("record=", UInt64(index), &output)
    AuditLineFormat.append(mention, to: &output)
    output.endRecord()
  }
}

// MARK: - What waits

extension LogAnnotator {
  /// The place behind all lines that have come, in bytes.
  private var end: Int { base + held.count }

  private mutating func hold(_ line: Span<UInt8>) {
    unsafe line.withUnsafeBufferPointer { unsafe held.append(contentsOf: $0) }
  }

  /// Puts the lines before a place into the output.
  private mutating func pass(upTo place: Int) {
    let count = place - base
    guard count > start else { return }
    Self.append(held, start..<count, to: &output)
    start = count
    forgetPassed()
  }

  private static func append(
    _ bytes: borrowing [UInt8], _ range: Range<Int>, to text: inout TextBuffer
  ) {
    text.append(raw: bytes.span.extracting(range))
  }

  /// Moves what is held seldom: it can be much, and each event passes some of it.
  private mutating func forgetPassed() {
    guard start == held.count || start > 1 << 20 && start > held.count / 2 else { return }
    base += start
    held.removeSubrange(..<start)
    start = 0
  }
}
