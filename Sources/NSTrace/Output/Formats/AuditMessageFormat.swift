// SPDX-License-Identifier: Apache-2.0

/// Writes records as the texts of audit user messages, which the kernel puts between
/// `pid=… uid=… auid=… ses=… msg='` and `'`.
///
/// Readers take each message for an event of its own. Therefore each states its subject. The fields are
/// those of the audit line. `op=` names the record, and what is `op=` in the line is `nsop=`. `res=` is
/// last, as success or failed: readers look for it there.
package struct AuditMessageFormat: ~Copyable {
  private let types: [(type: RecordType, name: [UInt8])]
  private let run: [UInt8]
  private let readsNamespaces: Bool
  private var format = AuditLineFormat()
  private var text = TextBuffer()
  /// The lines of the event, and the subject's fields.
  private var (lines, subject): ([UInt8], [UInt8]) = ([], [])

  /// The records that are always messages.
  package static let usual: [RecordType] = [.containerOp, .containerSession, .nsLost]
  /// Those that can be asked for.
  package static let others: [RecordType] = [
    .nsCreate, .nsChange, .nsDestroy, .nsInfo, .containerID,
  ]

  /// - Parameters:
  ///   - types: the records besides the usual ones.
  ///   - run: what tells this run from others: printable ASCII without quotes.
  package init(_ types: [RecordType], run: [UInt8]) {
    self.types = (Self.usual + types).map { ($0, Array("\($0.name)".utf8)) }
    self.run = run
    readsNamespaces = !types.isEmpty
  }

  /// Whether a record of the event may be a message.
  func concerns(_ event: borrowing AuditEvent) -> Bool {
    if event.lost != nil || !event.containers.isEmpty || !event.sessions.isEmpty { return true }
    return readsNamespaces && !event.namespaces.isEmpty
  }

  /// Replaces what `messages` has by the messages of an event.
  mutating func write(_ event: borrowing AuditEvent, to messages: inout AuditMessageText) {
    messages.removeAll()
    formatLines(of: event)
    formatSubject(of: event)
    var number: UInt64 = 0
    var rest = lines[...]
    while let line = rest.popPart(before: UInt8(ascii: "\n")) {
      number += 1
      guard let type = type(of: line) else { continue }
      messages.begin(type, run: run, line: number, of: event)
      let isGranted = addFields(of: line, type, to: &messages)
      messages.end(type, granted: isGranted)
    }
  }

  private mutating func formatLines(of event: borrowing AuditEvent) {
    text.removeAll()
    format.write(event, to: &text)
    text.copy(to: &lines)
  }

  private mutating func formatSubject(of event: borrowing AuditEvent) {
    text.removeAll()
    if let task = event.subject { AuditLineFormat.appendSubject(task, event.program, to: &text) }
    text.copy(to: &subject)
  }

  /// - Parameter line: `type=NAME msg=audit(…): FIELDS`.
  private func type(of line: ArraySlice<UInt8>) -> RecordType? {
    let name = line.dropFirst(Self.typePrefix.count).prefix { $0 != UInt8(ascii: " ") }
    return types.first { name.elementsEqual($0.name) }?.type
  }

  private static let typePrefix = Array("type=".utf8)
  private static let resultPrefix = Array("res=".utf8)
  private static let operationPrefix = Array("op=".utf8)
  private static let processPrefix = Array("pid=".utf8)

  /// - Returns: whether the record is about something that was granted.
  private func addFields(
    of line: ArraySlice<UInt8>, _ type: RecordType, to messages: inout AuditMessageText
  ) -> Bool {
    var (isGranted, hasSubject) = (true, !type.isAboutSubject)
    var rest = line.drop { $0 != UInt8(ascii: ")") }.dropFirst(3)
    while let field = rest.popPart(before: UInt8(ascii: " ")) {
      if field.starts(with: Self.resultPrefix) {
        isGranted = field.last == UInt8(ascii: "1")
      } else {
        if field.starts(with: Self.processPrefix) { hasSubject = true }
        messages.add(field, prefix: field.starts(with: Self.operationPrefix) ? "ns" : "")
      }
    }
    if !hasSubject { addSubject(to: &messages) }
    return isGranted
  }

  private func addSubject(to messages: inout AuditMessageText) {
    var rest = subject[...].dropFirst()
    while let field = rest.popPart(before: UInt8(ascii: " ")) { messages.add(field) }
  }
}

extension RecordType {
  /// Whether its messages go first within the rate.
  var goesFirst: Bool { self == .containerOp || self == .containerSession }

  /// Whether its record is about what the event's subject did. A session's has its entrant.
  fileprivate var isAboutSubject: Bool { self != .containerSession && self != .containerID }
}

extension TextBuffer {
  /// Replaces what `bytes` has, and keeps its memory.
  fileprivate borrowing func copy(to bytes: inout [UInt8]) {
    bytes.removeAll(keepingCapacity: true)
    unsafe withBytes { unsafe bytes.append(contentsOf: $0) }
  }
}

extension ArraySlice<UInt8> {
  /// Takes what stands before the next `separator`, or the rest; nil: nothing is left.
  fileprivate mutating func popPart(before separator: UInt8) -> ArraySlice<UInt8>? {
    if isEmpty { return nil }
    let part = prefix { $0 != separator }
    self = self[part.endIndex...].dropFirst()
    return part
  }
}
