// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

extension LiveTests {
  /// What found no room is counted to the last record, and told.
  @Suite struct LossAccountTests {
    /// How long nobody reads: 1 s, or $NSTRACE_PAUSE.
    private static let pause = getenv("NSTRACE_PAUSE").flatMap { Int(String(cString: $0)) } ?? 1

    @Test func `seen and lost are what the kernel submitted and lost, kind by kind`() throws {
      var trace = try LiveTrace.attached(ringBytes: 4096)
      // Some of each find room.
      for scene in [["clone", "uts"], ["storm", "1"]] {
        try FollowingProgram.run(BuiltProducts.nsactor, scene)
        try trace.drain(until: "its records") { _ in true }
      }
      // Nobody reads meanwhile.
      try FollowingProgram.run(
        "sh", ["-c", "for i in $(seq 100); do \(BuiltProducts.nsactor) clone uts; done"])
      try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "1000"])
      try trace.drain(until: "all that was submitted") { trace in
        let counts = trace.kernelCounts
        // Without what others do with cgroups.
        let lost = trace.counts.lost.filter { KindCounts.kinds.contains($0.key) }
        return trace.counts.seen == counts.seen && lost == counts.lost
      }
      for kind in [NST_KIND_FORK, NST_KIND_EXIT, NST_KIND_CLONE, NST_KIND_SWITCH, NST_KIND_EXEC] {
        #expect(trace.counts.seen[kind.rawValue] ?? 0 > 0, "\(kind) seen")
        #expect(trace.counts.lost[kind.rawValue] ?? 0 > 0, "\(kind) lost")
      }
      #expect(trace.lost == trace.counts.lost.values.reduce(0, +))
    }

    @Test(arguments: [[], ["--strict"]])
    func `who was stopped under load says how much it missed, and knows all again`(
      arguments: [String]
    ) throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(
        ["--ring-size", "64K", "--record", dump] + arguments,
        output: .file(directory.file("output")))
      var before = try ChildProcess("unshare", ["-u", "cat"], input: .open)
      let uts = try Self.namespace("uts", of: &before)
      try nstrace.process.wait(for: "its namespace") { _ in
        try Self.records(in: directory, about: before.pid).contains { $0.type == "NS_CREATE" }
      }
      nstrace.process.send(SIGSTOP)
      try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "500"])
      // The ring is full: one goes, another one comes, and nobody sees it.
      var during = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      let net = try Self.namespace("net", of: &during)
      before.closeInput()
      #expect(try before.waitForExit() == .exited(0))
      let end = ContinuousClock.now + .seconds(Self.pause)
      repeat {
        try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "500"])
      } while ContinuousClock.now < end
      nstrace.process.send(SIGCONT)
      try nstrace.process.wait(for: "the recovery") { _ in
        try Files.text(directory.file("output")).contains(" resynced=1")
      }
      let status = try nstrace.stop()

      let created = try Self.records(in: directory, about: during.pid).filter {
        $0["nstype"] == "net"
      }
      #expect(created.map(\.summary) == ["NS_CREATE resync net \(net) \(during.pid) 1"])
      let destroyed = try Self.records(in: directory, about: before.pid).filter {
        $0["nstype"] == "uts"
      }
      #expect(destroyed.map(\.summary).last == "NS_DESTROY resync uts \(uts) \(before.pid) 1")

      let told = AuditLine.all(in: try Files.text(directory.file("output")))
      let lost = told.filter { $0.type == "NS_LOST" && $0["resynced"] == "0" }
      let sum = lost.compactMap { $0["lost"].flatMap { Int($0) } }.reduce(0, +)
      #expect(sum > 1000)
      #expect(nstrace.process.errorText.contains(" events printed, \(sum) lost\n"))
      #expect(status == .exited(arguments == [] ? 0 : 1))
      // A replay lacks as much.
      var replay = try ChildProcess(
        BuiltProducts.nstrace, ["replay", "--format", "none", dump] + arguments)
      #expect(try replay.waitForExit() == status)
      var judged = try ChildProcess(
        BuiltProducts.nstrace, ["conformance", "--format", "none", dump] + arguments)
      #expect(try judged.waitForExit() == status)
    }

    /// The inode number of the namespace that the program that `unshare` became is in.
    private static func namespace(_ name: String, of process: inout ChildProcess) throws -> String {
      let path = "/proc/\(process.pid)"
      try process.wait(for: "the program behind unshare") { _ in
        try Files.text("\(path)/comm") == "cat\n"
      }
      let link = try #require(Files.link("\(path)/ns/\(name)"))
      return String(link.split(separator: "[").last?.prefix { $0.isNumber } ?? "")
    }

    private static func records(
      in directory: borrowing ScratchDirectory, about pid: Int32
    ) throws -> [AuditLine] {
      AuditLine.all(in: try Files.text(directory.file("output"))).filter {
        $0["opid"] == "\(pid)" && $0.type.hasPrefix("NS_")
      }
    }
  }
}
