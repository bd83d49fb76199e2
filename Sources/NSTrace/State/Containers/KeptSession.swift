// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// A container session as a keeper has it.
package struct KeptSession: Sendable {
  /// As in the stream, without time and kind.
  package var record: nst_kept_session
  /// The path of the program that came in; empty: not known.
  package var exe: [UInt8]

  package var number: UInt32 { record.session }

  package init(_ record: nst_kept_session, exe: [UInt8]) {
    self.record = record
    self.exe = exe
  }
}
