// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Law 4: a replay prints the bytes that the live run printed.
  @Suite struct RecordingTests {
    /// Things to see of every kind of record.
    static func makeEvents() throws {
      for verb in [
        ["compat", "exec"], ["hostile-name"], ["refused", "clone3"], ["setns-pidfd"],
        ["thread-exec"], ["time-exec"],
      ] {
        try FollowingProgram.run(BuiltProducts.nsactor, verb)
      }
    }

    /// A program as nobody, who may read what everyone may.
    static func asNobody(_ arguments: [String]) -> [String] {
      ["--reuid=65534", "--regid=65534", "--clear-groups", BuiltProducts.nstrace] + arguments
    }

    @Test(arguments: ["audit", "json", "table"])
    func `nobody's replay has the bytes of the live run`(format: String) throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var live = try FollowingProgram(["--format", format, "--record", dump])
      try Self.makeEvents()
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try live.process.wait(for: "the last event") {
        $0.outputText.contains(format == "json" ? "\"opid\":\(pid)" : "\(pid)")
      }
      #expect(try live.stop(SIGTERM) == .exited(0))
      #expect(Files.mode(dump) == 0o600)
      #expect(live.process.output.count > 1000)

      let piped = try Self.replay(dump, from: "-", format)
      #expect(piped.output == live.process.output)
      #expect(piped.errors == "")
      chmod(directory.path, 0o755)
      chmod(dump, 0o644)
      let named = try Self.replay(dump, from: dump, format)
      #expect(named.output == live.process.output)
      #expect(named.errors == "")
    }

    @Test func `nstrace record prints nothing and replays as the live run`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var recorder = try ChildProcess(BuiltProducts.nstrace, ["record", dump])
      try recorder.wait(for: "nstrace: following") {
        $0.errorText.contains("nstrace: following ") || $0.status != nil
      }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      recorder.send(SIGINT)
      #expect(try recorder.waitForExit() == .exited(0))
      #expect(recorder.outputText == "")
      let replayed = try Self.replay(dump, from: "-", "audit")
      let told = AuditLine.all(in: String(decoding: replayed.output, as: UTF8.self))
      let events = Set(told.map(\.serial)).count
      #expect(recorder.errorText.hasSuffix("\nnstrace: \(events) events, 0 lost\n"))
      #expect(replayed.errors == "")
      let verbs = told.filter { $0["opid"] == "\(pid)" }.map { $0.summary.prefix(10) }
      #expect(verbs == ["NS_CREATE ", "NS_DESTROY"])
    }

    @Test(arguments: [["record"], ["--follow", "--record"]])
    func `a dump is overwritten only by force`(_ command: [String]) throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      let evidence = try Files.read(Fixture.path("linux-6.1.nsdump"))
      try Files.write(evidence, to: dump)
      var refused = try ChildProcess(BuiltProducts.nstrace, command + [dump])
      #expect(try refused.waitForExit() == .exited(1))
      #expect(
        refused.errorText.contains("dump, which is not empty: give another name, or --force to"))
      #expect(try Files.read(dump) == evidence)

      var forced = try ChildProcess(BuiltProducts.nstrace, command + [dump, "--force"])
      try forced.wait(for: "nstrace: following") {
        $0.errorText.contains("nstrace: following ") || $0.status != nil
      }
      forced.send(SIGINT)
      #expect(try forced.waitForExit() == .exited(0))
      #expect(DumpSource.isDump(path: dump))
      #expect(try Files.read(dump) != evidence)
    }

    private static func replay(
      _ dump: String, from name: String, _ format: String
    ) throws -> (output: [UInt8], errors: String) {
      var replay = try ChildProcess(
        "setpriv", asNobody(["replay", name, "--format", format]), input: .file(dump))
      #expect(try replay.waitForExit() == .exited(0))
      return (replay.output, replay.errorText)
    }

    @Test func `a recording whose writer was killed replays up to its last block`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var live = try FollowingProgram(["--record", dump])
      try Self.makeEvents()
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try live.waitForEnd(of: pid)
      live.process.send(SIGKILL)
      #expect(try live.process.waitForExit() == .signaled(SIGKILL))

      let bytes = try Files.read(dump)
      let whole = try Self.cutReplay(dump)
      #expect(whole.offset == bytes.count)
      // What had been printed had been recorded before.
      #expect(Self.unanswered(whole.output).hasPrefix(Self.unanswered(live.process.output)))

      // And without its last byte the last block is not whole.
      try Files.write(Array(bytes.dropLast()), to: dump)
      let shorter = try Self.cutReplay(dump)
      #expect(shorter.offset == Self.lastBlock(of: bytes))
      #expect(Self.unanswered(whole.output).hasPrefix(Self.unanswered(shorter.output)))
    }

    /// What a stream that ends too early does not tell any more is `pinned=?`, at its end.
    private static func unanswered(_ output: [UInt8]) -> String {
      String(decoding: output, as: UTF8.self)
        .replacing(" pinned=yes ", with: " pinned=? ").replacing(" pinned=no ", with: " pinned=? ")
    }

    /// Where the last block begins, by the lengths of all: docs of `DumpFormat`.
    private static func lastBlock(of dump: [UInt8]) -> Int {
      var (last, next) = (0, 24 + length(in: dump, at: 16))
      while next < dump.count { (last, next) = (next, next + 16 + length(in: dump, at: next + 4)) }
      return last
    }

    private static func length(in dump: [UInt8], at offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(dump[offset + $1]) << (8 * $1) }
    }

    /// Replays what was cut off, which is said in one sentence.
    private static func cutReplay(_ dump: String) throws -> (output: [UInt8], offset: Int?) {
      var replay = try ChildProcess(BuiltProducts.nstrace, ["replay", dump])
      #expect(try replay.waitForExit() == .exited(65))
      let sentence = replay.errorText.wholeMatch(
        of: /nstrace: error: [^\n]* ends in the middle, at byte (\d+): [^\n]*\n/)
      return (replay.output, sentence.flatMap { Int($0.1) })
    }

    /// Enough for the snapshot, whatever runs here, and for a moment's storm.
    private static func smallDisk() throws -> Int {
      // The last but one word is RUNNING/ALL, tasks.
      let load = try Files.text("/proc/loadavg").split(separator: " ")
      let tasks = try #require(load[3].split(separator: "/").last.flatMap { Int($0) })
      return (1 << 20) + 2 * tasks * Int(NST_RECORD_BYTES_MAX)
    }

    /// nstrace with a file system of its own, which soon is full, on `directory`.
    private static func onSmallDisk(
      _ directory: borrowing ScratchDirectory, _ arguments: [String]
    ) throws -> FollowingProgram {
      let script = """
        mount -t tmpfs -o size=\(try smallDisk()) none "$1" && shift && exec "$0" --follow "$@"
        """
      return try FollowingProgram(
        program: "unshare",
        ["-m", "sh", "-c", script, BuiltProducts.nstrace, directory.path] + arguments)
    }

    /// Makes events until it says that `what` ends, and one more.
    private static func fillDisk(_ live: inout FollowingProgram, until what: String) throws {
      var pid: Int32 = 0
      repeat {
        try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "500"])
        pid = try FollowingProgram.run("unshare", ["-n", "true"]).pid
        try live.waitForEnd(of: pid)
      } while !live.process.errorText.contains(what)
      pid = try FollowingProgram.run("unshare", ["-n", "true"]).pid
      try live.waitForEnd(of: pid)
    }

    @Test func `a disk that stays full ends the recording and not the tracing`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var live = try Self.onSmallDisk(directory, ["--record", dump])
      try Self.fillDisk(&live, until: "records wait for room")
      // Its mount namespace goes with it.
      let copy = try Files.read("/proc/\(live.process.pid)/root\(dump)")
      #expect(try live.stop() == .exited(1))
      #expect(
        live.process.errorText.contains(
          /nstrace: error: cannot write to [^\n]*dump: No space left on device: the [^\n]*\n/))
      #expect(live.process.errorText.split(separator: "the recording ends here").count == 2)
      #expect(live.process.errorText.contains(" 0 lost\n"))

      let saved = try ScratchDirectory()
      try Files.write(copy, to: saved.file("dump"))
      let replayed = try Self.cutReplay(saved.file("dump"))
      #expect(replayed.offset == copy.count)
      #expect(Self.unanswered(live.process.output).hasPrefix(Self.unanswered(replayed.output)))
      #expect(replayed.output.count > 100_000)
    }

    @Test func `a disk that stays full ends the log and not the tracing`() throws {
      let directory = try ScratchDirectory()
      var live = try Self.onSmallDisk(directory, ["--audit-log", directory.file("log")])
      try Self.fillDisk(&live, until: "records wait for room")
      let log = try Files.text("/proc/\(live.process.pid)/root\(directory.file("log"))")
      #expect(try live.stop() == .exited(1))
      #expect(
        live.process.errorText.contains(
          /nstrace: error: cannot write to [^\n]*log: No space left on device: the log ends here\n/)
      )
      #expect(live.process.errorText.split(separator: "the log ends here").count == 2)
      let lines = log.split(separator: "\n")
      #expect(AuditLine.all(in: log).count == lines.count)
      #expect(log.last == "\n")
      #expect(lines.count > 1000)
    }
  }
}
