// SPDX-License-Identifier: Apache-2.0

/// Identifies a namespace outside the kernel: its kind, its inode number and, where the kernel has
/// one, its number that is never reused.
public struct NamespaceID: Hashable, Sendable, BitwiseCopyable {
  /// Its kind: `nstype=`.
  public var kind: NamespaceKind
  /// The inode number on nsfs, `ino=`. Reused at once, across kinds, after the namespace is freed.
  public var inum: UInt32
  /// `ns_common.ns_id`, `nsid=` (6.18 and later); 0 where the kernel has none.
  public var nsid: UInt64

  /// An ID of its parts.
  public init(kind: NamespaceKind, inum: UInt32, nsid: UInt64) {
    self.kind = kind
    self.inum = inum
    self.nsid = nsid
  }

  /// - Parameter type: the CLONE_NEW* flag of its kind; nil for what is no such flag.
  package init?(type: UInt32, inum: UInt32, nsid: UInt64) {
    guard let kind = NamespaceKind.allCases.first(where: { $0.cloneFlag == UInt64(type) }) else {
      return nil
    }
    self.init(kind: kind, inum: inum, nsid: nsid)
  }
}
