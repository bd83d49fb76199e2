// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import Testing

@testable import NSTrace

/// Every place at which text that somebody chose is printed: a byte of it changes exactly what stands
/// there, into exactly its encoding, and nothing around it.
@Suite struct UntrustedPlaceTests {
  /// Each byte alone and between others, and each pair of those that mean something to somebody.
  private static let texts: [[UInt8]] =
    UntrustedTextTests.texts + special.flatMap { first in special.map { [first, $0] } }

  private static let special: [UInt8] = [
    0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x20, 0x22, 0x27, 0x2c, 0x3d, 0x5b, 0x5c, 0x61, 0x7f, 0x80,
    0x9b, 0xc2, 0xe2, 0xff,
  ]

  private enum Encoding {
    case audit, message, json, table
    /// For a terminal that takes UTF-8, which shows two characters among `texts`: ü and 😀.
    case terminal

    /// Written without a look at how the formats do it.
    func encode(_ text: [UInt8]) -> [UInt8] {
      switch self {
      case .audit: Self.audit(text, but: [0x22])
      case .message: Self.audit(text, but: [0x22, 0x27])
      case .json: Array("\"\(Self.json(text))\"".utf8)
      case .terminal:
        text.suffix(Self.shown.count) == Self.shown[...]
          ? text.dropLast(Self.shown.count) + Array("ü\\xe2\\x80\\xa8😀".utf8)
          : Self.table.encode(text)
      case .table:
        text.flatMap { byte in
          (0x21...0x7e).contains(byte) && byte != 0x5c
            ? [byte] : Array(String(format: "\\x%02x", byte).utf8)
        }
      }
    }

    /// With a line separator between the two.
    private static let shown = Array("ü\u{2028}😀".utf8)

    private static func audit(_ text: [UInt8], but quotes: Set<UInt8>) -> [UInt8] {
      text.allSatisfy { (0x21...0x7e).contains($0) && !quotes.contains($0) }
        ? [0x22] + text + [0x22]
        : Array(text.map { String(format: "%02X", $0) }.joined().utf8)
    }

    private static func json(_ text: [UInt8]) -> String {
      String(decoding: text, as: UTF8.self).unicodeScalars.map { scalar in
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f: String(format: "\\u%04x", scalar.value)
        // Of two bytes: format characters and what is ignored by default.
        case 0xad, 0x34f, 0x600...0x605, 0x61c, 0x6dd, 0x70f, 0x2028:
          String(format: "\\u%04x", scalar.value)
        case 0x22: "\\\""
        case 0x5c: "\\\\"
        default: String(scalar)
        }
      }.joined()
    }
  }

  /// What is printed of a text that is nothing but its own encoding marks the places.
  private static func expectExact(
    _ encoding: Encoding, places: Int, columns width: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation, _ print: ([UInt8]) throws -> [UInt8]
  ) rethrows {
    let mark = Array("MARK".utf8)
    let whole = String(decoding: try print(mark), as: UTF8.self)
    let around = whole.components(
      separatedBy: String(decoding: cell(encoding.encode(mark), width), as: UTF8.self))
    #expect(around.count == places + 1, "\(whole)", sourceLocation: sourceLocation)
    for text in texts {
      let there = cell(encoding.encode(text), width)
      let expected = Array(around.map { Array($0.utf8) }.joined(separator: there))
      let printed = try print(text)
      #expect(
        printed == expected, "\(text): \(String(decoding: printed, as: UTF8.self))",
        sourceLocation: sourceLocation)
    }
  }

  /// In a column there is one space at least behind it.
  private static func cell(_ text: [UInt8], _ width: Int) -> [UInt8] {
    // The one that is wide has four bytes, and takes two columns.
    let columns = text.count { $0 & 0xc0 != 0x80 } + text.count { $0 == 0xf0 }
    return width == 0 ? text : text + [UInt8](repeating: 0x20, count: max(1, width - columns))
  }

  private static func bytes(_ format: some RecordFormat, _ event: AuditEvent) -> [UInt8] {
    var format = format
    var text = TextBuffer()
    format.write(event, to: &text)
    return text.bytes
  }

  /// What a fixed array of the kernel can hold of it.
  private static func untilNUL(_ text: [UInt8]) -> [UInt8] { Array(text.prefix { $0 != 0 }) }
}

// MARK: - Records

extension UntrustedPlaceTests {
  /// In the formats that have a place for it.
  private static func expectExact(
    json: Int, audit: Int, table: Int, sourceLocation: SourceLocation = #_sourceLocation,
    _ event: ([UInt8]) -> AuditEvent
  ) {
    expectExact(.audit, places: audit, sourceLocation: sourceLocation) {
      Self.bytes(AuditLineFormat(), event($0))
    }
    expectExact(.json, places: json, sourceLocation: sourceLocation) {
      Self.bytes(JSONLinesFormat(), event($0))
    }
    expectExact(.table, places: table, sourceLocation: sourceLocation) {
      Self.bytes(TableFormat(), event($0))
    }
  }

  @Test func `the program of who did it`() {
    Self.expectExact(json: 2, audit: 1, table: 1) {
      .make(call: .make(), exe: $0, proctitle: [], [.created()])
    }
    Self.expectExact(json: 1, audit: 1, table: 1) {
      .make(exe: $0, proctitle: [], [.destroyed()])
    }
  }

  @Test func `a container's name`() {
    Self.expectExact(json: 1, audit: 1, table: 1) { text in
      var event = AuditEvent.make(proctitle: [])
      event.containers = [
        ContainerRecord(
          verb: .set, opid: 4242, id: ContainerID(high: 0, low: 5), old: ContainerList(),
          name: text)
      ]
      return event
    }
  }

  /// Inside msg='…' a quote of that kind would end the message.
  @Test(arguments: [
    LifecycleRecord.Step.machineID, .resource(.newNet), .start, .stop,
  ])
  func `a container's name and a program's in a virtual machine's records`(
    step: LifecycleRecord.Step
  ) {
    func event(name: [UInt8] = [0x78], exe: [UInt8] = [0x79]) -> AuditEvent {
      var event = AuditEvent.make(exe: exe, proctitle: [])
      event.lifecycle = LifecycleRecord(
        step: step, id: ContainerID(high: 0, low: 5), name: name, pid: 4243, granted: true)
      return event
    }
    Self.expectExact(.message, places: 1) { Self.bytes(AuditLineFormat(), event(name: $0)) }
    Self.expectExact(.message, places: 1) { Self.bytes(AuditLineFormat(), event(exe: $0)) }
    Self.expectExact(.json, places: 1) { Self.bytes(JSONLinesFormat(), event(name: $0)) }
    Self.expectExact(.json, places: 1) { Self.bytes(JSONLinesFormat(), event(exe: $0)) }
  }

  /// A terminal's name is the kernel's; it is not believed all the same.
  @Test func `nothing but what can be printed is taken of a terminal's name`() {
    for text in Self.texts {
      let bytes = Self.bytes(
        AuditLineFormat(), .make(call: .make(), subject: .make(tty: text), [.created()]))
      let left = Self.untilNUL(text).prefix(16).filter { (0x21...0x7e).contains($0) }
      let tty = Self.untilNUL(text).isEmpty ? Array("(none)".utf8) : left
      let found = String(decoding: bytes, as: UTF8.self).components(separatedBy: " tty=")
      #expect(found.last?.hasPrefix(String(decoding: tty, as: UTF8.self) + " ses=") == true)
      #expect(bytes.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0a })
    }
  }
}

// MARK: - Functions

extension UntrustedPlaceTests {
  /// All of them go by way of these three.
  @Test func `all pairs of bytes are encoded as they should be`() {
    var wrong: [[UInt8]] = []
    for first in UInt8.min ... .max {
      for second in UInt8.min ... .max {
        let pair = [first, second]
        var audit = TextBuffer()
        var json = TextBuffer()
        var table = TextBuffer()
        AuditLineFormat.append(untrusted: pair, to: &audit)
        JSONLinesFormat.string(pair, &json)
        TerminalText(isUnicode: false).append(pair, to: &table)
        if audit.bytes != Encoding.audit.encode(pair) || json.bytes != Encoding.json.encode(pair)
          || table.bytes != Encoding.table.encode(pair)
        {
          wrong.append(pair)
        }
      }
    }
    #expect(wrong == [])
  }
}

// MARK: - Listings

extension UntrustedPlaceTests {
  private static func lines(_ maker: some LineMaker) -> [UInt8] {
    var maker = maker
    var text = TextBuffer()
    while maker.writeNext(to: &text) {}
    return text.bytes
  }

  /// A container with a task, and a visitor.
  private static func tracker(
    name: [UInt8] = [0x78], comm: [UInt8] = [0x79], exe: [UInt8] = [0x7a]
  ) -> Tracker<CollectingSink> {
    let inside = NamespacePlace.initial.with([.net: 101]).wire
    func seen(_ tid: UInt32, in set: nst_set) -> RawRecord {
      var subject = nst_subject.make(comm: comm)
      subject.task = .make(tid)
      return .task(nst_task.make(subject, in: set, at: 1), exe: exe)
    }
    var register = nst_register(at: 2)
    (register.contid_low, register.target_tid, register.container) = (5, 2, 1)
    (register.members, register.flags) = (1, UInt16(NST_REGISTER_CAPABLE))
    var member = nst_member(at: 2)
    (member.task, member.flags) = (.make(2), UInt32(NST_MEMBER_TARGET))
    let events: [RawRecord] = [
      SimulatedStream.host(at: 0), .snapshotEnd(nst_snapshot()), seen(2, in: inside),
      .member(member), .register(register, name: name), seen(16, in: inside),
    ]
    var tracker = Tracker(sink: CollectingSink())
    for event in events { event.deliver(to: &tracker) }
    return tracker
  }

  private static func containers(
    _ tracker: borrowing Tracker<CollectingSink>, _ format: ContainerFormat
  ) -> [UInt8] {
    lines(ContainerListing(tracker, as: format, nowNs: 0))
  }

  private static func tree(
    _ tracker: borrowing Tracker<CollectingSink>, _ format: ContainerFormat
  ) -> [UInt8] {
    lines(ContainerTreeListing(tracker, as: format, nowNs: 0))
  }

  @Test func `a container's name where containers are listed`() {
    Self.expectExact(.terminal, places: 1, columns: 16) {
      Self.containers(Self.tracker(name: $0), .table)
    }
    Self.expectExact(.json, places: 1) { Self.containers(Self.tracker(name: $0), .json) }
  }

  @Test(arguments: [ContainerFormat.table, .json])
  func `a container's name and its tasks' programs in the tree`(format: ContainerFormat) {
    let encoding: Encoding = format == .json ? .json : .terminal
    Self.expectExact(encoding, places: 1) { Self.tree(Self.tracker(name: $0), format) }
    Self.expectExact(encoding, places: 2) { Self.tree(Self.tracker(exe: $0), format) }
  }

  /// The kernel's array ends with the first NUL.
  @Test func `a command where tasks and namespaces are listed`() {
    for text in Self.texts where !text.contains(0) && text.count < 14 {
      // Nothing else is called so.
      let comm = Array("nm".utf8) + text
      let tracker = Self.tracker(comm: comm)
      let (json, table) = (Encoding.json.encode(comm), Encoding.table.encode(comm))
      let shown = Encoding.terminal.encode(comm)
      Self.expect(Self.tree(tracker, .json), has: Array("\"comm\":".utf8) + json, times: 2)
      Self.expect(
        Self.tree(tracker, .table),
        has: [0x20] + shown + [0x20], times: 2)
      let listing = NamespaceListing(tracker.state, nsfsDev: 4, timeNs: 0)
      var text = TextBuffer()
      listing.writeTable(to: &text, TerminalStyle()) { _ in nil }
      Self.expect(text.bytes, has: [0x20] + table + [0x20], times: 8)
      text.removeAll()
      listing.writeJSON(to: &text)
      Self.expect(text.bytes, has: Array("\"comm\":".utf8) + json, times: 8)
    }
  }

  private static func expect(_ bytes: [UInt8], has part: [UInt8], times: Int) {
    let pieces = String(decoding: bytes, as: UTF8.self).components(
      separatedBy: String(decoding: part, as: UTF8.self))
    #expect(pieces.count == times + 1, "\(String(decoding: part, as: UTF8.self))")
    let controls = bytes.filter { $0 != 0x0a && ($0 < 0x20 || $0 == 0x7f) }
    #expect(controls.isEmpty)
  }
}
