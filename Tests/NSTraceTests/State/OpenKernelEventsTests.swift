// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Audit records become events by stamp and serial.
@Suite struct OpenKernelEventsTests {
  private func texts(_ steps: History.Step...) -> [String] {
    History([.auditedHost, .snapshot(1)] + steps).kernelTexts
  }

  @Test func `the records of two events come between each other`() {
    #expect(
      texts(
        .audit(1300, "a", serial: 7), .audit(1300, "b", serial: 8), .audit(1302, "c", serial: 7),
        .audit(1320, "", serial: 8), .audit(1327, "d", serial: 7), .audit(1320, "", serial: 7))
        == ["8: 1300 b", "7: 1300 a|1302 c|1327 d"])
  }

  @Test func `a message of user space is a whole event`() {
    #expect(
      texts(.audit(1300, "a", serial: 7), .audit(1112, "b", serial: 8)) == [
        "8: 1112 b", "7: 1300 a",
      ])
  }

  @Test func `what the kernel adds to an event does not end it`() {
    #expect(
      texts(
        .audit(1400, "a"), .audit(1700, "b"), .audit(1326, "c"), .audit(1300, "d"),
        .audit(1320, "")) == ["7: 1400 a|1700 b|1326 c|1300 d"])
  }

  @Test func `an event without end is complete when the stream says so, or after a time`() {
    #expect(
      texts(
        .audit(1326, "a", serial: 7), .auditSettled, .audit(1326, "b", serial: 7),
        .at(1_000_000_000, .audit(1326, "c", serial: 9)))
        == ["7: 1326 a", "7: 1326 b", "9: 1326 c"])
  }

  @Test func `a long text comes in parts`() {
    let more = NST_FLAG_AUDIT_MORE
    #expect(
      texts(
        .auditPart(1309, "audit(1.000:7): argc=1 a", flags: more),
        .auditPart(1309, "0=x", flags: more),
        .auditPart(1309, "y"), .audit(1320, "")) == ["7: 1309 argc=1 a0=xy"])
  }

  @Test func `a text whose rest is missing ends where it is cut`() {
    #expect(
      texts(
        .auditPart(1309, "audit(1.000:7): argc=1", flags: NST_FLAG_AUDIT_MORE), .audit(1302, "b"),
        .audit(1320, "")) == ["7: 1309 argc=1|1302 b"])
  }

  @Test(arguments: [
    "", "audit(", "audit(1.000:7)", "audit(1.00:7): x", "audit(1.0000:7): x", "audit(x.000:7): x",
    "audit(1.000:): x", "audit(99999999999.000:7): x", "audit(1.000:99999999999999999999): x",
    " audit(1.000:7): x",
  ])
  func `a text without a stamp is counted and left out`(text: String) {
    let run = History(.auditedHost, .snapshot(1), .auditPart(1300, text))
    #expect(run.kernelTexts == [])
    #expect(run.auditCounters.unread == 1)
  }

  private static func add(_ type: UInt16, _ text: String, to open: inout OpenKernelEvents) {
    var record = nst_audit()
    record.type = type
    let bytes = Array("audit(1.000:7): \(text)".utf8)
    open.take(record, bytes.span.bytes)
  }

  @Test func `an execve with all arguments that the kernel takes is one event`() {
    var open = OpenKernelEvents()
    Self.add(1300, "syscall=59 pid=5", to: &open)
    let argument = "a0[1]=" + String(repeating: "41", count: 3750)
    for _ in 0..<1700 { Self.add(1309, argument, to: &open) }
    Self.add(1327, "proctitle=00", to: &open)
    Self.add(1320, "", to: &open)
    let events = open.takeComplete().map(\.event)
    #expect(events.map(\.records.count) == [1702] && events.map(\.isContinued) == [false])
  }

  @Test func `the rest of a longer one is of the same process`() {
    var open = OpenKernelEvents()
    Self.add(1300, "syscall=59 pid=5", to: &open)
    let argument = "a0[1]=" + String(repeating: "41", count: 4000)
    var count = 1
    while open.takeComplete().isEmpty {
      Self.add(1309, argument, to: &open)
      count += 1
      #expect(count < 5000)
    }
    #expect(count == 4193)
    Self.add(1327, "proctitle=00", to: &open)
    Self.add(1320, "", to: &open)
    let rest = open.takeComplete().map(\.event)
    #expect(rest.map(\.actor) == [5] && rest.map(\.records.count) == [1])
    #expect(rest.map(\.isContinued) == [false])
  }

  @Test func `the oldest of too many open events is complete`() {
    var open = OpenKernelEvents()
    for serial in 0...OpenKernelEvents.limit {
      let text = Array("audit(1.000:\(serial)): x".utf8)
      var record = nst_audit()
      record.type = 1300
      open.take(record, text.span.bytes)
    }
    #expect(open.takeComplete().map(\.event.serial) == [0])
  }
}
