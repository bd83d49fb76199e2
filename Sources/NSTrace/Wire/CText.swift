// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// The fixed-size texts of a subject, up to their NUL.
extension nst_subject {
  package var commBytes: [UInt8] { untilNUL(of: comm) }
  package var ttyBytes: [UInt8] { untilNUL(of: tty) }

  /// Gives the command without a copy: it is printed in every record.
  func withComm<Result>(_ body: (Slice<UnsafeRawBufferPointer>) -> Result) -> Result {
    unsafe withUnsafeBytes(of: comm) { unsafe body($0.prefix { $0 != 0 }) }
  }

  /// C arrays of char import as tuples, which have no iteration.
  private func untilNUL<Tuple: BitwiseCopyable>(of text: Tuple) -> [UInt8] {
    unsafe withUnsafeBytes(of: text) { unsafe Array($0.prefix { $0 != 0 }) }
  }
}
