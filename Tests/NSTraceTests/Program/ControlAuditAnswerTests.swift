// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import nstrace

@Suite struct ControlAuditAnswerTests {
  private static let seven = ContainerMention(
    ContainerList([
      .init(ContainerID(high: 0, low: 7)), .init(ContainerID(high: 0, low: 2), isParent: true),
    ]))
  private static let visit = ContainerMention(
    ContainerList([.init(ContainerID(high: 1, low: 7))]), session: 3)

  private static func lines(_ answers: [AnnotationAnswer]) -> [String] {
    var answer = ControlAuditAnswer(answers)
    var text = TextBuffer()
    while answer.writeNext(to: &text) {}
    return String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static let answers: [AnnotationAnswer] = [
    .known([]), .known([seven]), .unknown, .outside, .known([seven, visit]), .known([seven]),
  ]

  @Test func `those that belong to the same containers share a line`() {
    #expect(
      Self.lines(Self.answers) == [
        #"{"type":"states","states":"hcuocc"}"#,
        #"{"type":"mentions","of":[1,5],"mentions":[{"contid":"7,^2"}]}"#,
        #"{"type":"mentions","of":[4],"mentions":[{"contid":"7,^2"},{"contid":"00000000-0000-0001-0000-000000000007","cses":3}]}"#,
      ])
  }

  @Test func `what is read is what was written`() throws {
    var reading = ControlAuditAnswer.Reading(count: Self.answers.count)
    #expect(!reading.isWhole)
    for line in Self.lines(Self.answers) { try reading.take(Array(line.utf8)) }
    #expect(reading.isWhole)
    #expect(reading.answers == Self.answers)
  }

  @Test(arguments: [
    #"{"type":"states","states":"h"}"#, #"{"type":"states","states":"hx"}"#,
    #"{"type":"mentions","of":[2],"mentions":[]}"#, "{",
  ])
  func `what is no answer is refused`(_ line: String) {
    var reading = ControlAuditAnswer.Reading(count: 2)
    #expect(throws: (any Error).self) { try reading.take(Array(line.utf8)) }
  }

  @Test func `a mention of what is no ID is refused`() throws {
    var reading = ControlAuditAnswer.Reading(count: 1)
    try reading.take(Array(#"{"type":"states","states":"c"}"#.utf8))
    #expect(reading.answers == [.unknown])
    let line = #"{"type":"mentions","of":[0],"mentions":[{"contid":"7\" rel=member"}]}"#
    #expect(throws: ControlAuditAnswer.Reading.Malformed.self) {
      try reading.take(Array(line.utf8))
    }
  }

  @Test func `a request asks about 1,000 events at most`() throws {
    func request(_ count: Int) -> [UInt8] {
      ControlAuditQuery.line(
        (0..<count).map {
          AnnotationQuestion(event: 1, pid: 4_194_303, timeNs: .max - Int64($0), row: 0)
        })
    }
    #expect(request(1000).count <= ControlConnection.lineBytesMax)
    guard case .audit(let query) = try ControlRequest(line: request(1000)) else {
      Issue.record("another request")
      return
    }
    #expect(query.pids == [UInt32](repeating: 4_194_303, count: 1000))
    #expect(query.times == (0..<1000).map { Int64.max - Int64($0) })
    for line in [request(1001), Array(#"{"op":"audit","pids":[1],"times":[]}"#.utf8)] {
      #expect(throws: ControlReply.Refusal.self) { try ControlRequest(line: line) }
    }
  }
}
