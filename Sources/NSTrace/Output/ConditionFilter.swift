// SPDX-License-Identifier: Apache-2.0

/// Selects records by a condition on their fields. It asks for each record of an event by itself, those of
/// namespaces, sessions and containers; SYSCALL, PROCTITLE and CONTAINER_ID belong to these.
package struct ConditionFilter: ~Copyable {
  private let condition: any RecordCondition
  private var format = JSONLinesFormat()
  private var text = TextBuffer()
  private var lines = LineRanges()
  /// Whether each of the records is selected, in the order of their lines.
  private var wanted: [Bool] = []

  package init(_ condition: any RecordCondition) { self.condition = condition }

  /// Which records are selected. A loss always is.
  mutating func verdict(on event: borrowing AuditEvent) -> RecordFilter.Verdict {
    if event.lost != nil { return .all }
    text.removeAll()
    format.write(event, to: &text)
    unsafe text.withBytes { text in unsafe lines.find(in: text) }
    ask(about: event)
    if !wanted.contains(true) { return .none }
    return wanted.contains(false) ? .some : .all
  }

  /// Whether one of the records is selected: such an event is printed as a whole.
  mutating func selects(_ event: borrowing KernelEvent) -> Bool {
    text.removeAll()
    format.write(event, to: &text)
    let condition = condition
    return unsafe text.withBytes { text in
      unsafe lines.find(in: text)
      for line in lines.ranges {
        let record = RecordLines(own: line, isKernel: true)
        if unsafe condition.selects(record, in: text) { return true }
      }
      return false
    }
  }

  /// Removes the records that were not selected by the last verdict, which was on this event.
  func reduce(_ event: inout AuditEvent) {
    var next = 0
    func isUnwanted() -> Bool {
      next += 1
      return !wanted[next - 1]
    }
    event.namespaces.removeAll { _ in isUnwanted() }
    event.sessions.removeAll { _ in isUnwanted() }
    event.containers.removeAll { _ in isUnwanted() }
    if event.lifecycle != nil, isUnwanted() { event.lifecycle = nil }
    if event.containers.isEmpty { event.info = nil }
  }

  /// The lines stand as `JSONLinesFormat` writes them.
  private mutating func ask(about event: borrowing AuditEvent) {
    wanted.removeAll(keepingCapacity: true)
    var next = 0
    let all = RecordLines(own: 0..<0, call: lines.call, title: lines.title)
    if lines.call != nil { next += 1 }
    ask(event.namespaces.count, from: &next, all)
    ask(event.sessions.count, from: &next, all)
    var registration = all
    if event.info != nil, !event.containers.isEmpty {
      registration.info = lines.ranges[next]
      next += 1
    }
    ask(event.containers.count, from: &next, registration)
    guard event.lifecycle != nil else { return }
    next = lines.ranges.count - (lines.title == nil ? 1 : 2)
    ask(1, from: &next, all)
  }

  private mutating func ask(_ count: Int, from next: inout Int, _ lines: RecordLines) {
    var record = lines
    for _ in 0..<count {
      record.own = self.lines.ranges[next]
      next += 1
      let condition = condition
      wanted.append(unsafe text.withBytes { unsafe condition.selects(record, in: $0) })
    }
  }
}
