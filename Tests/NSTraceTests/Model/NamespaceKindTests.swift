// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

@Suite struct NamespaceKindTests {
  @Test func `the flags are the kernel's CLONE_NEW`() {
    let flags = NamespaceKind.allCases.map(\.cloneFlag)
    #expect(
      flags == [
        0x0002_0000, 0x0400_0000, 0x0800_0000, 0x2000_0000, 0x1000_0000, 0x4000_0000,
        0x0200_0000, 0x80,
      ])
  }

  @Test func `a kind is found by the name of its link in proc`() {
    #expect(NamespaceKind(name: "cgroup") == .cgroup)
    #expect(NamespaceKind(name: "pid_for_children") == nil)
  }
}
