// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTraceLive
import Testing

extension LiveTests {
  /// The units for systemd, which does not run here: what they grant is shown to be enough by other
  /// means, and what they withhold judged by systemd-analyze.
  @Suite struct ServiceTests {
    @Test(arguments: ["nstrace.service", "nstrace-keeper.service"])
    func `systemd judges it exposed by less than 2`(_ name: String) throws {
      var analysis = try ChildProcess(
        "systemd-analyze", ["security", "--offline=true", "--no-pager", try ServiceUnit(name).path])
      #expect(try analysis.waitForExit() == .exited(0))
      let found = analysis.outputText.firstMatch(of: /Overall exposure level for [^:]*: (\d+)\.\d/)
      let level = try #require(found.flatMap { Int($0.1) })
      #expect(level < 2)
    }

    /// setpriv and what it needs to run a program as the unit does.
    private static func confined(by unit: ServiceUnit, as user: Int) -> [String] {
      let capabilities = unit["CapabilityBoundingSet"].map { "+" + $0.dropFirst(4).lowercased() }
      let set = (["-all"] + capabilities).joined(separator: ",")
      return ["setpriv", "--bounding-set=\(set)", "--inh-caps=\(set)"]
        + (user == 0 ? [] : ["--ambient-caps=\(set)", "--reuid=\(user)", "--regid=\(user)"])
        + ["--clear-groups", "--no-new-privs"]
    }

    @Test func `its capabilities and a user without any others are enough`() throws {
      let unit = try ServiceUnit()
      #expect(unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"])
      let fs = try PrivateBPFFS()
      let directory = try ScratchDirectory()
      let control = directory.file("control.sock")
      chown(directory.path, 65534, 65534)
      try FollowingProgram.run(BuiltProducts.nstrace, ["keeper", "make", "--keep", fs.keep])
      var words = Self.confined(by: unit, as: 65534)
      var nstrace = try FollowingProgram(
        program: words.removeFirst(),
        words + [
          BuiltProducts.nstrace, "--follow", "--keep", fs.keep, "--control", control,
        ])
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      let status = try Files.text("/proc/\(nstrace.process.pid)/status")
      #expect(status.contains("Uid:\t65534\t65534\t65534\t65534\n"))
      #expect(status.contains("CapEff:\t0000000000000000\n"))
      #expect(status.contains("CapBnd:\t000000c000000006\n"))
      #expect(status.contains("Seccomp:\t2\n"))
      let target = try ChildProcess("cat", input: .open)
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(target.pid)", "--random", "--control", control])
      #expect(!nstrace.process.errorText.contains("warning"))
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(control) == nil)
      #expect(fs.pins == PrivateBPFFS.allPins)
      let keeper = try Keeper(existingAt: fs.keep)
      #expect(try keeper.counts().registrations == 1)
    }

    @Test func `the keeper's unit is enough to make one that stays`() throws {
      let fs = try PrivateBPFFS()
      let words = Self.confined(by: try ServiceUnit("nstrace-keeper.service"), as: 0)
      for _ in 1...2 {
        var made = try ChildProcess(
          words[0],
          Array(words.dropFirst()) + [BuiltProducts.nstrace, "keeper", "make", "--keep", fs.keep])
        #expect(try made.waitForExit() == .exited(0))
        #expect(made.errorText == "")
        #expect(fs.pins == PrivateBPFFS.allPins)
      }
      var nstrace = try FollowingProgram(["--keep", fs.keep])
      #expect(try nstrace.stop() == .exited(0))
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `no system call is missing in its list`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("trace")
      var nstrace = try FollowingProgram(
        program: "strace",
        [
          "-f", "-o", log, BuiltProducts.nstrace, "--follow", "--ring-size", "4K",
          "--audit-log", directory.file("log"),
        ], output: .file(directory.file("output")))
      try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "100"])
      let target = try ChildProcess("cat", input: .open)
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(target.pid)", "--random", "--control", nstrace.control])
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the last event") { _ in
        try Files.text(directory.file("output")).contains(" opid=\(pid) ")
      }
      // strace itself does not listen to signals while it has a child.
      let tracee = try #require(Files.text(log).split(separator: " ").first.flatMap { Int32($0) })
      kill(tracee, SIGINT)
      #expect(try nstrace.process.waitForExit() == .exited(0))

      let made = try Files.text(log).matches(of: /(?m)^\d+ +([a-z_0-9]+)\(/).map { String($0.1) }
      #expect(made.contains("bpf") && made.contains("seccomp"))
      // Asked by root alone: the unit does not give the capability that it takes, and has Nice=.
      let asked: Set<String> = PinnedAnswers.areAskedFor ? ["open_by_handle_at"] : []
      #expect(
        try Set(made).subtracting(Self.allowed(by: ServiceUnit()))
          == asked.union(["getpriority", "setpriority"]))
    }

    /// The names that its SystemCallFilter stands for, with those that systemd always allows.
    private static func allowed(by unit: ServiceUnit) throws -> Set<String> {
      let words = unit["SystemCallFilter"]
      let (_, listed) = try FollowingProgram.run(
        "systemd-analyze",
        ["syscall-filter", "--no-pager", "@default"] + words.filter { $0.hasPrefix("@") })
      // Groups hold groups, which are listed in full by their own names only.
      var names = Set(words.filter { !$0.hasPrefix("@") })
      var groups: Set<String> = []
      for line in listed.split(separator: "\n") where line.hasPrefix("    ") {
        let word = String(line.drop { $0 == " " })
        if word.hasPrefix("@") { groups.insert(word) } else { names.insert(word) }
      }
      #expect(groups.isSubset(of: words))
      return names
    }
  }
}
