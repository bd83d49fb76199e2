// SPDX-License-Identifier: Apache-2.0

package import CNSWire

extension nst_member {
  /// Whether it is the target of the registration.
  package var isTarget: Bool { flags & UInt32(NST_MEMBER_TARGET) != 0 }
  /// Whether it is a thread of the target's group, and not its leader.
  package var isThread: Bool { flags & UInt32(NST_MEMBER_THREAD) != 0 }
  /// Whether it is a descendant of the target in another thread group.
  package var isDescendant: Bool { flags & UInt32(NST_MEMBER_DESCENDANT) != 0 }
}
