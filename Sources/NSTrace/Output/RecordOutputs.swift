// SPDX-License-Identifier: Apache-2.0

/// A run's outputs: standard output, filtered, and the audit log, unfiltered, if there is one.
package struct RecordOutputs: AuditEventSink, ~Copyable {
  package var filter: RecordFilter
  package var main: RecordWriter<AnyFormat>
  package var log: RecordWriter<AuditLineFormat>?

  package init(
    main: consuming RecordWriter<AnyFormat>, log: consuming RecordWriter<AuditLineFormat>?,
    filter: RecordFilter
  ) {
    self.main = main
    self.log = log
    self.filter = filter
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    log?.write(event)
    guard !filter.isEmpty else { return main.write(event) }
    var reduced = copy event
    if filter.reduce(&reduced) { main.write(reduced) }
  }

  package mutating func flush() {
    main.flush()
    log?.flush()
  }
}
