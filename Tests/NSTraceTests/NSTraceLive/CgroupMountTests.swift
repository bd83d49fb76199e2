// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import NSTraceLive

@Suite struct CgroupMountTests {
  private func all(_ mountinfo: String, _ cgroup: String) -> [CgroupMount] {
    CgroupMount.all(
      mountinfo: Array(mountinfo.utf8), of: CgroupHierarchy.all(Array(cgroup.utf8)))
  }

  private func mount(_ hierarchy: UInt32, _ directory: String) -> CgroupMount {
    CgroupMount(hierarchy: hierarchy, directory: Array(directory.utf8))
  }

  @Test func `v2 alone`() {
    let mounts = all(
      "35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
        + "36 25 0:31 / /proc rw - proc proc rw\n", "0::/init.scope\n")
    #expect(mounts == [mount(0, "/sys/fs/cgroup")])
  }

  @Test func `hybrid: of v1 the memory controller's`() {
    let mounts = all(
      """
      33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
      35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
      41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw - cgroup2 cgroup2 rw

      """, "9:name=systemd:/\n4:memory:/a:b\n2:cpu,cpuacct:/\n0::/\n")
    #expect(mounts == [mount(4, "/sys/fs/cgroup/memory"), mount(0, "/sys/fs/cgroup/uni fied")])
  }

  @Test(arguments: [("pids,x", 3), ("freezer", 3), ("cpu", 3)])
  func `without it the next that there is`(_ controllers: String, _ number: UInt32) {
    let mounts = all(
      "35 31 0:32 / /c rw - cgroup none rw,\(controllers)\n", "3:\(controllers):/\n5:devices:/\n")
    #expect(mounts == [mount(number, "/c")])
  }

  @Test func `of several mounts all, for none says what it shows`() {
    let mounts = all(
      """
      1 0 0:30 /a/b /b rw - cgroup2 cgroup2 rw
      2 0 0:30 /../.. /c rw - cgroup2 cgroup2 rw
      3 0 0:30 / /a rw - cgroup2 cgroup2 rw

      """, "0::/\n")
    #expect(mounts == [mount(0, "/b"), mount(0, "/c"), mount(0, "/a")])
  }

  @Test func `v2 counts where the kernel shows it`() {
    let v1 = CgroupHierarchy(number: 4, controller: "memory")
    #expect(CgroupHierarchy.all(Array("4:memory:/\n".utf8)) == [v1])
    #expect(CgroupHierarchy.all(Array("4:memory:/\n0::/\n".utf8)) == [.v2, v1])
    #expect(CgroupHierarchy.all(Array("0::/a:b\n".utf8)) == [.v2])
  }

  @Test(arguments: ["", "\n", "-", "1 2 3 4 5 -", "a b c d e f - cgroup2 x", "::", "x:memory:/"])
  func `what is no such file gives nothing`(_ text: String) {
    #expect(all(text, text) == [])
  }
}
