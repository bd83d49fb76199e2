// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Records in the kernel's own audit trail (`--to-audit`), as auditd has them.
  @Suite(.enabled(if: KernelAudit.isWanted, "make audit-trail")) struct AuditTrailTests {
    private static let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a12"

    private static func register(_ target: Int32, _ id: String, at control: String) throws {
      try FollowingProgram.run(
        BuiltProducts.nstrace, ["register", "--pid", "\(target)", id, "--control", control])
    }

    /// The process that sends them: the tracer's only child with that name.
    private static func sender(of tracer: pid_t) throws -> pid_t {
      let children = try Files.text("/proc/\(tracer)/task/\(tracer)/children")
      let pids = children.split(separator: " ").compactMap { pid_t($0) }.filter {
        (try? Files.text("/proc/\($0)/comm")) == "nstrace-audit\n"
      }
      return try #require(pids.count == 1 ? pids[0] : nil)
    }

    @Test(arguments: [[], ["--user", "nobody"]])
    func `a container's life stands in auditd's log, once, with run and serial`(
      user: [String]
    ) throws {
      let audit = try KernelAudit()
      let directory = try ScratchDirectory()
      if !user.isEmpty { chown(directory.path, 65534, 65534) }
      let log = directory.file("log")
      var nstrace = try FollowingProgram(["--audit-log", log, "--to-audit"] + user)
      let sender = try Self.sender(of: nstrace.process.pid)
      var target = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      try nstrace.process.wait(for: "the namespace") { _ in
        try Files.text(log).contains(" opid=\(target.pid) ")
      }
      try Self.register(target.pid, Self.id, at: nstrace.control)
      let visitor = try FollowingProgram.run("nsenter", ["-t", "\(target.pid)", "-n", "true"]).pid
      target.closeInput()
      try target.waitForExit()
      try nstrace.process.wait(for: "the end in auditd's log") { _ in
        try audit.messages().contains { $0["nsop"] == "drop" }
      }
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.contains(", 4 audit messages sent, 0 lost\n"))

      let messages = try audit.messages()
      #expect(
        messages.map { "\($0["op"] ?? "") \($0["nsop"] ?? "")" } == [
          "CONTAINER_OP set", "CONTAINER_SESSION begin", "CONTAINER_SESSION end",
          "CONTAINER_OP drop",
        ])
      #expect(messages.allSatisfy { $0["contid"] == Self.id || $0["old-contid"] == Self.id })
      #expect(messages.allSatisfy { $0.outside["pid"] == "\(sender)" })
      #expect(messages.allSatisfy { $0.outside["uid"] == (user.isEmpty ? "0" : "65534") })
      #expect(Set(messages.map(\.serial)).count == 4 && Set(messages.map { $0["run"] }).count == 1)
      #expect(messages[1]["pid"] == "\(visitor)" && messages[0]["opid"] == "\(target.pid)")
      // Each says which record of the log it is, and has its fields.
      let lines = AuditLine.all(in: try Files.text(log))
      for message in messages {
        let records = lines.filter { "\($0.serial)" == message["nsserial"] }
        // The log has a SYSCALL record in front of events without a call.
        let offset = records.contains { $0.type == "SYSCALL" && $0["syscall"] == "-1" } ? 0 : 1
        let number = try #require(message["line"].flatMap { Int($0) }) - offset
        let record = try #require(records.indices.contains(number) ? records[number] : nil)
        #expect(record["op"] == message["nsop"])
        for (name, value) in record.fields where !["op", "res"].contains(name) {
          #expect(message[name] == value, "\(name)")
        }
      }
    }

    @Test func `ausearch and auparse read them, and hostile names forge nothing`() throws {
      let audit = try KernelAudit()
      var nstrace = try FollowingProgram(["--to-audit", "--to-audit-also", "NS_CREATE,NS_DESTROY"])
      let hostile = try FollowingProgram.run(BuiltProducts.nsactor, ["hostile-name"]).pid
      let target = try ChildProcess("cat", input: .open)
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        [
          "register", "--pid", "\(target.pid)", Self.id, "--name", "x' res=failed\"\n",
          "--control", nstrace.control,
        ])
      try nstrace.waitForEnd(of: hostile)
      #expect(try nstrace.stop() == .exited(0))
      let messages = try audit.messages()
      let mine = messages.filter { $0["pid"] == "\(hostile)" }
      #expect(mine.map { $0["op"] }.contains("NS_DESTROY"))
      #expect(mine.allSatisfy { $0["comm"] == "220A3D1B5B33316DFF20783D31" })
      let named = try #require(messages.first { $0["op"] == "CONTAINER_OP" })
      #expect(named["name"] == "7827207265733D6661696C6564220A")
      #expect(named["res"] == "success")

      // As ausearch interprets and selects them.
      let sender = try #require(named.outside["pid"])
      for arguments in [["-p", sender], ["-m", "2690", "-sv", "yes"], ["-a", "\(named.serial)"]] {
        let whole = ["-if", audit.log, "-i"] + arguments
        let (_, output) = try FollowingProgram.run("ausearch", whole)
        #expect(output.contains("op=CONTAINER_OP "), "\(arguments)")
        #expect(!output.contains("\u{1b}"))
      }
      let read = try audit.python(Self.reading).split(separator: "\n").map(String.init)
      #expect(read.count == messages.count)
      #expect(
        read.contains(
          "CONTAINER_OP set \(Self.id) [x' res=failed\"\\012] success"))
    }

    /// Prints of each message its name, operation, ID, name and result, as auparse gives them.
    private static let reading = """
      import auparse, sys
      parser = auparse.AuParser(auparse.AUSOURCE_FILE, sys.argv[1])
      def field(name, interpreted=False):
          parser.first_field()
          if not parser.find_field(name):
              return "-"
          return parser.interpret_field() if interpreted else parser.get_field_str().strip('"')
      while parser.parse_next_event():
          parser.first_record()
          if parser.get_type() == 2690:
              name = field("name", True)
              print(field("op"), field("nsop"), field("contid"), f"[{name}]", field("res"))
      """

    @Test func `a flood of ten seconds costs the kernel nothing, and each record is told`() throws {
      let audit = try KernelAudit()
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram([
        "--format", "none", "--audit-log", log, "--to-audit", "--to-audit-also",
        "NS_CREATE,NS_DESTROY",
      ])
      let lost = try KernelAudit.status("lost")
      #expect(try KernelAudit.status("backlog_limit") == 64)
      let start = ContinuousClock.now
      var registered: [Int32] = []
      repeat {
        try FollowingProgram.run(BuiltProducts.nsactor, ["busy-unshare", "2", "1000"])
        let target = try ChildProcess("cat", input: .open)
        try Self.register(target.pid, "\(1000 + registered.count)", at: nstrace.control)
        registered.append(target.pid)
      } while ContinuousClock.now - start < .seconds(10)
      let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
      #expect(try nstrace.stop() == .exited(0))
      #expect(try KernelAudit.status("lost") == lost)
      #expect(!nstrace.process.errorText.contains("warning"))

      var messages = try audit.messages()
      let names = [
        "UNKNOWN[1390]": "NS_CREATE", "UNKNOWN[1392]": "NS_DESTROY",
        "UNKNOWN[1395]": "CONTAINER_OP",
      ]
      let logged = AuditLine.all(in: try Files.text(log)).count { names[$0.type] != nil }
      var (sent, told): (Int, [Int]) = (0, [])
      // auditd writes what it has taken a little later.
      try nstrace.process.wait(for: "the \(logged) records") { _ in
        messages = try audit.messages()
        sent = messages.count { names.values.contains($0["op"] ?? "") }
        told = messages.filter { $0["op"] == "NS_LOST" && $0["cause"] == "rate" }
          .compactMap { $0["lost"].flatMap { Int($0) } }
        return sent + told.reduce(0, +) >= logged
      }
      #expect(sent + told.reduce(0, +) == logged)
      #expect(logged > 2000 && told.count > 5 && told.count < messages.count / 8)
      #expect(Double(messages.count) <= 50 * (seconds + 2) + 32)
      for target in registered {
        #expect(messages.contains { $0["op"] == "CONTAINER_OP" && $0["opid"] == "\(target)" })
      }
      print("\(logged) records in \(seconds) s: \(sent) sent, \(told.count) NS_LOST")
    }

    @Test func `an auditd that stands still costs the trail alone`() throws {
      let audit = try KernelAudit()
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram([
        "--format", "none", "--audit-log", log, "--to-audit", "--to-audit-also",
        "NS_CREATE,NS_DESTROY", "--to-audit-rate", "10000",
      ])
      audit.pause()
      // More than the kernel, the sender and the tracer keep.
      for _ in 0..<20 {
        try FollowingProgram.run(BuiltProducts.nsactor, ["busy-unshare", "1", "500"])
      }
      let (last, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the last event") { _ in
        try Files.end(of: log).contains(" opid=\(last) ")
      }
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, Self.id, at: nstrace.control)
      // While its backlog is full the kernel has each task wait that unloads a BPF program.
      audit.resume()
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.contains(", 0 lost\n"))
    }

    @Test func `without its sender the tracer goes on, and says so once`() throws {
      let audit = try KernelAudit()
      var nstrace = try FollowingProgram(["--to-audit"])
      kill(try Self.sender(of: nstrace.process.pid), SIGKILL)
      let warning = "nstrace: warning: the sender of audit messages has ended: "
      try nstrace.process.wait(for: "the warning") { $0.errorText.contains(warning) }
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, Self.id, at: nstrace.control)
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.split(separator: warning).count == 2)
      #expect(nstrace.process.errorText.contains(", 0 audit messages sent (1 left out), 0 lost\n"))
      #expect(try audit.messages().isEmpty)
    }

    @Test func `a tracer that is killed has sent what it handed over`() throws {
      let audit = try KernelAudit()
      var nstrace = try FollowingProgram(["--to-audit"])
      let sender = try Self.sender(of: nstrace.process.pid)
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, Self.id, at: nstrace.control)
      try nstrace.process.wait(for: "the record") { $0.outputText.contains("CONTAINER_OP") }
      try nstrace.process.wait(for: "the message") { _ in try audit.messages().count == 1 }
      nstrace.process.send(SIGKILL)
      #expect(try nstrace.process.waitForExit() == .signaled(SIGKILL))
      var watch = try ChildProcess("true")
      try watch.wait(for: "the sender's end") { _ in
        (try? Files.text("/proc/\(sender)/stat")).map { $0.contains(") Z ") } ?? true
      }
    }

    @Test(arguments: [[], ["--user", "nobody"]])
    func `the sender has one capability, two sockets and a sandbox`(user: [String]) throws {
      let audit = try KernelAudit()
      var nstrace = try FollowingProgram(["--to-audit"] + user)
      let pid = try Self.sender(of: nstrace.process.pid)
      let status = try Files.text("/proc/\(pid)/status").split(separator: "\n").map {
        $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
      let capability = "0000000020000000"
      let id = user.isEmpty ? "0" : "65534"
      for line in [
        "Uid: \(id) \(id) \(id) \(id)", "CapPrm: \(capability)", "CapEff: \(capability)",
        "CapInh: 0000000000000000", "CapAmb: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2",
      ] {
        #expect(status.contains(line))
      }
      #expect(Files.names(in: "/proc/\(pid)/fd").sorted() == ["0", "1"])
      #expect(!(try Files.text("/proc/\(pid)/maps").contains("anon_inode:bpf")))
      #expect(try nstrace.stop() == .exited(0))
      #expect(kill(pid, 0) == -1)
      _ = audit
    }

    @Test func `other numbers, and another network namespace, are as good`() throws {
      let audit = try KernelAudit()
      var nstrace = try FollowingProgram(
        program: "unshare", before: ["-n", BuiltProducts.nstrace, "--follow"],
        ["--to-audit", "--to-audit-type", "2999"])
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, Self.id, at: nstrace.control)
      try nstrace.process.wait(for: "the message") { _ in try audit.messages(2999).count == 1 }
      #expect(try nstrace.stop() == .exited(0))
      #expect(try audit.messages().isEmpty)
    }

    @Test func `without the capability it says which`() throws {
      let audit = try KernelAudit()
      let arguments = [
        "--bounding-set", "-audit_write", BuiltProducts.nstrace, "--follow", "--to-audit",
        "--control", "/nonexistent/s",
      ]
      var nstrace = try ChildProcess("setpriv", arguments)
      #expect(try nstrace.waitForExit() == .exited(77))
      #expect(
        nstrace.errorText
          == "nstrace: error: the kernel does not let this user write audit messages: run it as root, "
          + "or with CAP_AUDIT_WRITE, or leave out --to-audit\n")
      _ = audit
    }
  }
}
