// SPDX-License-Identifier: Apache-2.0

/// Why a log is not annotated.
package enum AnnotationError: Error, Equatable {
  /// The log has CONTAINER_ID records.
  case alreadyAnnotated(line: Int)
  /// The log is another host's.
  case otherNode(log: [UInt8], expected: [UInt8])
  /// No event of the log lies within the time of the recording: CLOCK_REALTIME, nanoseconds.
  case otherTime(log: ClosedRange<Int64>, dump: ClosedRange<Int64>, boot: String, current: String?)
  /// Nothing in the dump says what any process belonged to.
  case noSnapshot(dump: String)
}

extension AnnotationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .alreadyAnnotated(let line):
      "line \(line) of the log is a CONTAINER_ID record (type 1394): the log is annotated already; give the "
        + "one that auditd wrote"
    case .otherNode(let log, let expected):
      "the log is of the host \(Self.text(log)) and the recording of \(Self.text(expected)): give the log of that "
        + "host, or with --node the name that the log has for it"
    case .otherTime(let log, let dump, let boot, let current):
      "no event of the log lies in the time of the recording: the log is of \(Self.text(log)), the recording of "
        + "\(Self.text(dump)) in the boot \(boot)\(Self.text(current)); give the log that was written while "
        + "nstrace recorded"
    case .noSnapshot(let dump):
      "\(dump) ends before its first snapshot is complete, so it does not say what any process belonged to: "
        + "give a longer recording"
    }
  }

  private static func text(_ name: [UInt8]) -> String {
    DiagnosticText.shown(String(decoding: name, as: UTF8.self))
  }

  private static func text(_ span: ClosedRange<Int64>) -> String {
    "\(text(span.lowerBound)) to \(text(span.upperBound))"
  }

  private static func text(_ timeNs: Int64) -> String {
    var text = TextBuffer()
    Timestamp(timeNs).appendSecond(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private static func text(_ current: String?) -> String {
    current.map { ", and this host's is \($0)" } ?? ""
  }
}
