// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `nstrace -- PROGRAM`, beside whatever else the machine does.
  @Suite struct RunTests {
    private struct Outcome {
      var status: ChildProcess.Status
      var output: String
      var errors: String

      /// The printed records of one type.
      func count(_ type: String) -> Int {
        output.split(separator: "\n").count { $0.hasPrefix("type=\(type) ") }
      }
    }

    /// Runs nstrace to its end.
    private static func run(
      _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
      var process = try ChildProcess(BuiltProducts.nstrace, arguments, environment: environment)
      let status = try process.waitForExit()
      return Outcome(status: status, output: process.outputText, errors: process.errorText)
    }

    private static func trace(_ script: String, _ options: [String] = []) throws -> Outcome {
      try run(options + ["--format", "audit", "--", "sh", "-c", script])
    }

    @Test func `it has the records of the program and its descendants, and its status`() throws {
      let outcome = try Self.trace("unshare -u true; unshare -n unshare -i true; exit 3")
      #expect(outcome.status == .exited(3))
      #expect(outcome.count("NS_CREATE") == 3 && outcome.count("NS_DESTROY") == 3)
      #expect(outcome.errors.contains("0 lost"))
    }

    /// Forks and namespaces of somebody else, one after the other until it is killed.
    private static func storm() throws -> ChildProcess {
      try ChildProcess("sh", ["-c", "while :; do unshare -u true; done"], input: .open)
    }

    @Test func `others' records are not there`() throws {
      var storm = try Self.storm()
      let outcome = try Self.trace("for i in 1 2 3 4 5; do unshare -n true; done")
      storm.send(SIGKILL)
      try storm.waitForExit()
      #expect(outcome.status == .exited(0))
      #expect(outcome.count("NS_CREATE") == 5 && outcome.count("NS_DESTROY") == 5)
      #expect(!outcome.output.contains("nstype=uts"))
    }

    /// The kernel takes the namespaces of a sandbox apart after its last task has ended.
    @Test func `a sandbox has as many ends as creations, beside a storm`() throws {
      var storm = try Self.storm()
      let outcome = try Self.run([
        "--format", "audit", "--", "bwrap", "--unshare-all", "--bind", "/", "/", "sh", "-c",
        "unshare -u true; exit 3",
      ])
      storm.send(SIGKILL)
      try storm.waitForExit()
      #expect(outcome.status == .exited(3))
      #expect(outcome.count("NS_CREATE") == 8 && outcome.count("NS_DESTROY") == 8)
      #expect(outcome.errors.contains("0 lost"))
    }

    /// As a pager does. A pipe holds a hundred of the lines.
    @Test func `a reader that pauses reads everything after the program has ended`() throws {
      let directory = try ScratchDirectory()
      let (done, nstrace) = (directory.file("done"), BuiltProducts.nstrace)
      let program = "for i in $(seq 200); do unshare -u true; done; touch \(done)"
      var pager = try ChildProcess(
        "sh",
        [
          "-c",
          "\(nstrace) --format audit -- sh -c '\(program)' | "
            + "(until [ -e \(done) ]; do sleep 0.1; done; sleep 2; grep -c type=NS_CREATE)",
        ])
      #expect(try pager.waitForExit() == .exited(0))
      #expect(pager.outputText == "200\n")
      #expect(pager.errorText.contains("nstrace: 800 records of 400 events printed"))
      #expect(pager.errorText.contains(", 0 lost\n"))
    }

    @Test func `a daemon is waited for, unless the run ends with the program`() throws {
      let daemon = "(sleep 0.3; unshare -u true) </dev/null >/dev/null 2>&1 & exit 0"
      #expect(try Self.trace(daemon).count("NS_DESTROY") == 1)
      #expect(try Self.trace(daemon, ["--exit-with-command"]).count("NS_CREATE") == 0)
    }

    @Test func `a middle process that ends cuts nothing off`() throws {
      let outcome = try Self.trace("sh -c '(sleep 0.2; unshare -u true) & exit 0'")
      #expect(outcome.count("NS_CREATE") == 1 && outcome.count("NS_DESTROY") == 1)
    }

    @Test func `a program that does not exist, cannot run, or is killed says so`() throws {
      let missing = try Self.run(["--", "/nonexistent/program"])
      #expect(missing.status == .exited(127))
      #expect(missing.errors.contains("cannot execute /nonexistent/program: No such file"))
      #expect(try Self.run(["--", "/etc/passwd"]).status == .exited(126))
      #expect(try Self.trace("kill -TERM $$").status == .exited(128 + SIGTERM))
      let none = try Self.run(["run"])
      #expect(none.status == .exited(64))
    }

    @Test func `its status is known where whoever starts nstrace ignores children`() throws {
      var nstrace = try ChildProcess(
        "env",
        [
          "--ignore-signal=CHLD", BuiltProducts.nstrace, "--format", "none", "--", "sh", "-c",
          "exit 3",
        ])
      #expect(try nstrace.waitForExit() == .exited(3))
    }

    @Test func `an end that is long past ends a run at once`() throws {
      let outcome = try Self.run(["--follow", "--until", "1680-01-01Z", "--format", "none"])
      #expect(outcome.status == .exited(0))
    }

    @Test func `records can go to a file, and the program's output stays its own`() throws {
      let directory = try ScratchDirectory()
      let file = directory.file("records")
      let outcome = try Self.trace("unshare -u echo hello", ["-o", file])
      #expect(outcome.output == "hello\n")
      let text = try Files.text(file)
      #expect(text.contains("type=NS_CREATE ") && text.contains("type=NS_DESTROY "))
    }

    @Test func `the program has nothing that the tracer has opened`() throws {
      let outcome = try Self.trace(
        "ls -l /proc/self/fd | grep -c bpf; grep -h CapEff /proc/self/status")
      #expect(outcome.output.hasPrefix("0\n"))
    }

    @Test(.enabled(if: geteuid() == 0, "users are changed"))
    func `under sudo it runs as the user who called`() throws {
      let outcome = try Self.run(
        ["--format", "none", "--", "sh", "-c", "id -u; echo $HOME"],
        environment: ["SUDO_UID": "65534"])
      #expect(outcome.output.hasPrefix("65534\n"))
      let other = try Self.run(["--user", "daemon", "--format", "none", "--", "id", "-un"])
      #expect(other.output == "daemon\n")
      let root = try Self.run(
        ["--user", "root", "--format", "none", "--", "id", "-u"],
        environment: ["SUDO_UID": "65534"])
      #expect(root.output == "0\n")
    }

    @Test(.enabled(if: geteuid() == 0, "users are changed"))
    func `it never runs as root because the user who called sudo is not known`() throws {
      let outcome = try Self.run(
        ["--format", "none", "--", "id", "-u"], environment: ["SUDO_UID": "4000000000"])
      #expect(outcome.status == .exited(1))
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("user 4000000000, who called sudo, is no user"))
    }
  }
}
