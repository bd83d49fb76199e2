// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension LiveTests {
  /// F2: task storage is charged to the tracer's memory cgroup, and a process can use it up.
  @Suite(.enabled(if: MemoryCgroup.isThere, "this machine gives no memory cgroup"))
  struct MemoryLimitTests {
    private static let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a13"
    private static let children = 600

    /// Outside the host's namespaces the kernel side would keep their sets, too, and cannot.
    @Test(arguments: [false, true])
    func `all that are born while the tracer's memory cgroup is full have the ID`(
      areElsewhere: Bool
    ) throws {
      let cgroup = try MemoryCgroup()
      var nstrace = try cgroup.follow(["--contid", Self.id])
      let brood = [BuiltProducts.nsactor, "brood", "\(Self.children)"]
      var target = try ChildProcess("env", areElsewhere ? ["unshare", "--uts"] + brood : brood)
      try target.wait(for: "the target") { $0.outputText.contains("target.tid=") }
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(target.pid)", "--control", nstrace.control, Self.id])

      try Self.bear(&target, while: nstrace, isFullIn: cgroup)
      target.send(SIGUSR2)
      #expect(try target.waitForExit() == .exited(0))
      try nstrace.process.wait(for: "the end of the container") {
        String(decoding: $0.output.suffix(1 << 16), as: UTF8.self).contains(" op=drop ")
      }
      #expect(try nstrace.stop() == .exited(0))
      let lines = AuditLine.all(in: nstrace.process.outputText)
      let made = lines.filter { $0.type == "NS_CREATE" && $0["op"] == "unshare" }
      #expect(made.count == 2 * Self.children)
      #expect(made.allSatisfy { $0["nstype"] == "uts" && $0["contid"] == Self.id })
      let lost = lines.filter { $0.type == "NS_LOST" }
      #expect(!areElsewhere || !lost.isEmpty)
      #expect(lost.allSatisfy { $0["kind"] == "task" && $0["cause"] == "storage" })
      try cgroup.lift()
    }

    /// The target has its children while the tracer, which stands still, can be charged nothing.
    private static func bear(
      _ target: inout ChildProcess, while nstrace: borrowing FollowingProgram,
      isFullIn cgroup: borrowing MemoryCgroup
    ) throws {
      nstrace.process.send(SIGSTOP)
      let stat = "/proc/\(nstrace.process.pid)/stat"
      try target.wait(for: "nstrace to stop") { _ in try Files.text(stat).contains(") T ") }
      try cgroup.fill()
      let before = try cgroup.refusals
      target.send(SIGUSR1)
      try target.wait(for: "its children") { $0.outputText.contains("target.done=\(children)\n") }
      // Or this proves nothing.
      #expect(try cgroup.refusals > before)
      try cgroup.lift()
      nstrace.process.send(SIGCONT)
    }
  }
}
