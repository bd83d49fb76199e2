// SPDX-License-Identifier: Apache-2.0

import CNSWire

/// What an event handler was given for one record, byte by byte.
struct ReceivedRecord: Equatable {
  var kind: UInt16
  /// The C struct.
  var bytes: [UInt8]
  /// The one behind an EXIT.
  var subject: [UInt8]?
  var texts: [[UInt8]] = []

  init<Record: BitwiseCopyable>(
    _ header: nst_header, _ record: Record, subject: nst_subject? = nil, texts: [[UInt8]] = []
  ) {
    kind = header.kind
    bytes = withUnsafeBytes(of: record) { Array($0) }
    self.subject = subject.map { withUnsafeBytes(of: $0) { Array($0) } }
    self.texts = texts
  }
}
