// SPDX-License-Identifier: Apache-2.0

package import CNSWire

extension nst_attach {
  /// Whether all threads of the process were moved.
  package var isOfProcess: Bool { hdr.flags & UInt16(NST_FLAG_PROCESS) != 0 }
}
