// SPDX-License-Identifier: Apache-2.0

@testable internal import NSTrace

/// Writes every event in one format and checks the text: each record is one line, without control
/// characters. It takes one format, because all three would take three times as long.
struct CheckingSink: TrackerSink, ~Copyable {
  private var audit = AuditLineFormat()
  private var json = JSONLinesFormat()
  private var table = TableFormat()
  private var text = TextBuffer()
  private(set) var events: UInt64 = 0
  private let format: UInt8

  /// - Parameter format: 0 audit lines, 1 JSON Lines, 2 a table, anything else none.
  init(format: UInt8) { self.format = format }

  mutating func write(_ event: borrowing AuditEvent) {
    events += 1
    require(!event.isEmpty, "an event has a record")
    switch format {
    case 0:
      audit.write(event, to: &text)
      Self.check(&text, isASCII: true, each: "type=")
    case 1:
      json.write(event, to: &text)
      Self.check(&text, isASCII: false, each: "{\"type\":\"")
    case 2:
      table.write(event, to: &text)
      Self.check(&text, isASCII: true, each: "")
    default: break
    }
  }

  /// Checks the listings of `tracker` in the same way.
  static func check<Sink: TrackerSink & ~Copyable>(_ tracker: borrowing Tracker<Sink>) {
    var text = TextBuffer()
    check(ContainerListing(tracker, as: .table, nowNs: 0), isASCII: false, each: "")
    check(ContainerListing(tracker, as: .json, nowNs: 0), isASCII: false, each: "{\"type\":\"")
    check(ContainerTreeListing(tracker, as: .table, nowNs: 0), isASCII: false, each: "")
    check(ContainerTreeListing(tracker, as: .json, nowNs: 0), isASCII: false, each: "{\"type\":\"")
    let listing = NamespaceListing(tracker.state, nsfsDev: 0, timeNs: 0)
    listing.writeTable(to: &text, TerminalStyle()) { _ in nil }
    check(&text, isASCII: true, each: "")
    listing.writeJSON(to: &text)
    check(&text, isASCII: false, each: "{\"nstype\":\"")
  }

  private static func check(_ lines: some LineMaker, isASCII: Bool, each head: StaticString) {
    var lines = lines
    var text = TextBuffer()
    while lines.writeNext(to: &text) { check(&text, isASCII: isASCII, each: head) }
  }

  /// Checks whole lines and removes them from the buffer.
  private static func check(_ text: inout TextBuffer, isASCII: Bool, each head: StaticString) {
    if text.bytes.isEmpty { return }
    require(text.bytes.last == newline, "text ends with a line's end")
    for line in text.bytes.split(separator: newline, omittingEmptySubsequences: false).dropLast() {
      let isHeaded = head.withUTF8Buffer { line.starts(with: $0) }
      require(isHeaded, "a line has its head: \(String(decoding: line, as: UTF8.self))")
      let kinds = kinds(in: line)
      require(kinds & control == 0, "a line has no control character")
      require(!isASCII || kinds & beyondASCII == 0, "a line is ASCII")
      let isValid = isASCII || String(validating: line, as: UTF8.self) != nil
      require(isValid, "a line is valid UTF-8")
    }
    text.removeAll()
  }

  private static let newline = UInt8(ascii: "\n")

  private static let control: UInt8 = 1
  private static let beyondASCII: UInt8 = 2
  private static let kindsOfBytes: [UInt8] = (0...255).map {
    $0 < 0x20 || $0 == 0x7f ? control : $0 > 0x7f ? beyondASCII : 0
  }

  /// Uses a table, because libFuzzer instruments every comparison.
  private static func kinds(in line: ArraySlice<UInt8>) -> UInt8 {
    let kinds = kindsOfBytes.withUnsafeBufferPointer { kinds in
      line.withUnsafeBufferPointer { $0.reduce(0) { $0 | kinds[Int($1)] } }
    }
    guard kinds & beyondASCII != 0 else { return kinds }
    // C1 in UTF-8 is C2 80 to C2 9F.
    let isC1 = zip(line, line.dropFirst()).contains { $0 == 0xc2 && $1 < 0xa0 }
    return isC1 ? kinds | control : kinds
  }
}
