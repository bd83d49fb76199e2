// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The audit lines of a history.
struct AuditLines {
  let lines: [String]

  init(
    under policy: any ContainerPolicy = RFCPolicy(), _ steps: [History.Step],
    format: AnyFormat = .audit(AuditLineFormat()),
    filter set: (inout RecordFilter) -> Void = { _ in }
  ) {
    var filter = RecordFilter()
    set(&filter)
    var tracker = Tracker(sink: FilteringSink(format, filter), policy: policy)
    var decoder = EventDecoder()
    for bytes in History(under: policy, steps).steps {
      // The history has decoded the same bytes without an error.
      _ = try? decoder.decode(bytes.span.bytes, into: &tracker)
    }
    lines = tracker.sink.printing.printed.split(separator: "\n").map(String.init)
  }

  /// The lines of one type.
  func of(_ type: String) -> [String] { lines.filter { $0.hasPrefix("type=\(type) ") } }
}

/// Prints what passes a filter.
private struct FilteringSink: TrackerSink, ~Copyable {
  var printing: PrintingSink
  let filter: RecordFilter

  init(_ format: AnyFormat, _ filter: RecordFilter) {
    printing = PrintingSink(format)
    self.filter = filter
  }

  mutating func write(_ event: borrowing AuditEvent) {
    var reduced = copy event
    if filter.isEmpty || filter.reduce(&reduced) { printing.write(reduced) }
  }
}
