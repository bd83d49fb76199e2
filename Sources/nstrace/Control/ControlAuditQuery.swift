// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The request `{"op":"audit","pids":[…],"times":[…]}`: what processes belonged to at the times of audit
/// events. `ControlAuditAnswer` is the answer.
struct ControlAuditQuery: Codable {
  var op = "audit"
  var pids: [UInt32]
  /// The events' stamps: CLOCK_REALTIME, nanoseconds.
  var times: [Int64]

  /// The most events of a request.
  static let limit = 1000

  /// - Throws: `ControlReply.Refusal`
  func check() throws(ControlReply.Refusal) {
    guard pids.count == times.count, pids.count <= Self.limit else {
      throw .protocolError("op audit has as many pids as times, and at most \(Self.limit)")
    }
  }

  /// The line of a request, with its newline.
  static func line(_ questions: some Collection<AnnotationQuestion>) -> [UInt8] {
    var text = TextBuffer()
    text.append("{\"op\":\"audit\",\"pids\":[")
    for (index, question) in questions.enumerated() {
      if index > 0 { text.append(",") }
      text.append(decimal: question.pid)
    }
    text.append("],\"times\":[")
    for (index, question) in questions.enumerated() {
      if index > 0 { text.append(",") }
      text.append(signed: question.timeNs)
    }
    text.append("]}\n")
    return text.bytes
  }
}
