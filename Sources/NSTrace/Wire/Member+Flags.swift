// SPDX-License-Identifier: Apache-2.0

package import CNSWire

extension nst_member {
  /// The task whose registration was asked for.
  package var isTarget: Bool { flags & UInt32(NST_MEMBER_TARGET) != 0 }
  /// One of its descendants, in another thread group.
  package var isDescendant: Bool { flags & UInt32(NST_MEMBER_DESCENDANT) != 0 }
}
