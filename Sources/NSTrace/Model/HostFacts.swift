// SPDX-License-Identifier: Apache-2.0

/// The facts of a stream's HOST record: the host that it was recorded on.
public struct HostFacts: Equatable, Sendable {
  /// The host's own namespaces, by slot: those of kthreadd.
  public var initial: [NamespaceID]
  /// `/proc/sys/kernel/random/boot_id`: 16 bytes.
  public var bootID: [UInt8]
  /// The host's own namespaces that a task is in, by kind.
  public var initialMemberships: [NamespaceID]
  /// The device of nsfs as stat(2) gives it.
  public var nsfsDev: UInt64
  /// AUDIT_ARCH_*.
  public var arch: UInt32
  /// NST_HOOK_* in use when the stream began.
  public var hooks: UInt32
  /// How often the coarse clocks go on, with which the kernel's audit stamps events: microseconds. 0: not
  /// known.
  public var tickUs: UInt32
  /// The kernel's release: uname(2).
  public var release: [UInt8]
  /// The nodename of the host's initial UTS namespace when the recording began.
  public var hostname: [UInt8]
  /// The version of the nstrace that wrote the stream.
  public var version: [UInt8]
}
