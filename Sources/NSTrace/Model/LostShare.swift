// SPDX-License-Identifier: Apache-2.0

/// Whose records are missing because there were too many of them.
public struct LostShare: Equatable, Sendable {
  /// The owner of the outermost user namespace of the tasks, or their own user in the host's; nil: of
  /// several shares.
  public var uid: UInt32?
  /// The path, in v2, of the nearest cgroup up the tree that root owns; empty: not known.
  public var cgroup: BoundedText
}
