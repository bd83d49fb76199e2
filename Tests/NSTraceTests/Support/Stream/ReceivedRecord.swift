// SPDX-License-Identifier: Apache-2.0

import CNSWire

/// The bytes that an event handler received for one record.
struct ReceivedRecord: Equatable {
  var kind: UInt16
  /// The bytes of the C struct.
  var bytes: [UInt8]
  /// The bytes of the subject behind an EXIT.
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
