// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

extension HostFacts {
  /// The facts of a HOST record.
  init(_ host: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan) {
    self.init(
      initial: NamespaceSlot.allCases.map { host.initial[$0] },
      bootID: unsafe withUnsafeBytes(of: host.boot_id) { unsafe Array($0) },
      initialMemberships: NamespaceSlot.memberships.map { host.initial[$0] },
      nsfsDev: host.nsfs_dev, arch: host.arch, hooks: host.hooks, tickUs: UInt32(host.tick_us),
      release: [UInt8](release), hostname: [UInt8](hostname), version: [UInt8](version))
  }
}
