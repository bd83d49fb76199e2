// SPDX-License-Identifier: Apache-2.0

/// Gives lines of text as `{"text":"…"}`, for a connection with one JSON object a line.
package struct QuotedLines<Lines: LineMaker>: LineMaker {
  private var lines: Lines

  package init(_ lines: Lines) { self.lines = lines }

  package mutating func writeNext(to text: inout TextBuffer) -> Bool {
    var line = TextBuffer()
    guard lines.writeNext(to: &line) else { return false }
    text.append("{\"text\":")
    JSONLinesFormat.string(Array(line.bytes.dropLast()), &text)
    text.append("}\n")
    return true
  }
}
