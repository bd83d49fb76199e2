// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// The system calls that give a task other namespaces, numbered as on the wire (`enum nst_op`).
package enum SystemCall: UInt16, CaseIterable {
  case clone = 1
  case clone3, unshare, setns, exec
}

extension nst_call {
  /// The call; nil: NST_OP_NONE, or a call of a newer writer.
  package var systemCall: SystemCall? { SystemCall(rawValue: op) }
}
