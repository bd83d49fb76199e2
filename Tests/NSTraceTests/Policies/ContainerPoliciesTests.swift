// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct ContainerPoliciesTests {
  @Test func `all eight positions are there, the RFC's first`() {
    #expect(
      ContainerPolicies.names == [
        "rfc", "kernel-v11", "write-once", "nested", "automatic", "random-only", "tags", "xid",
      ])
  }

  @Test(arguments: ContainerPolicies.names) func `a policy is found by its name`(_ name: String) {
    #expect(ContainerPolicies.named(name).map { "\($0.name)" } == name)
  }

  @Test(arguments: ["", "RFC", "rfc ", "kernel"]) func `another name is none`(_ name: String) {
    #expect(ContainerPolicies.named(name) == nil)
  }

  /// T1: unset defines the host.
  @Test(arguments: ContainerPolicies.names)
  func `host processes start unset`(_ name: String) throws {
    let run = History(
      under: try #require(ContainerPolicies.named(name)), .host, .snapshot(1, 2), .fork(1, 3),
      .exec(3), .exit(2))
    #expect([1, 3].map(run.contid) == ["-1", "-1"])
    #expect(run.lines == [])
  }
}
