// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// A slow or dead output costs itself alone.
  @Suite struct OutputsApartTests {
    private static let audit = ["--format", "audit", "--type-base", "1390"]

    private static func storm(_ count: Int = 500) throws {
      try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "\(count)"])
    }

    /// Makes events until standard error says `what`.
    private static func storm(_ nstrace: inout FollowingProgram, until what: String) throws {
      repeat {
        try storm()
        nstrace.process.look()
      } while !nstrace.process.errorText.contains(what)
    }

    /// The same, and no faster than they are logged: on a busy machine the ring would overflow.
    private static func storm(
      _ nstrace: inout FollowingProgram, until what: String, logged log: String
    ) throws {
      repeat {
        try storm()
        let (last, _) = try FollowingProgram.run("unshare", ["-n", "true"])
        try nstrace.process.wait(for: "the storm in the log") { _ in
          try Files.end(of: log).contains(" opid=\(last) ")
        }
      } while !nstrace.process.errorText.contains(what)
    }

    private static func register(_ target: Int32, at control: String) throws {
      try FollowingProgram.run(
        BuiltProducts.nstrace, ["register", "--pid", "\(target)", "--random", "--control", control])
    }

    /// The counts of the NS_LOST records of an output.
    private static func lost(_ lines: [Substring], cause: String) -> [Int] {
      lines.compactMap { AuditLine($0) }
        .filter { $0.type == "UNKNOWN[1396]" && $0["cause"] == cause }
        .compactMap { $0["lost"].flatMap { Int($0) } }
    }

    private static func isLost(_ line: Substring, _ cause: String) -> Bool {
      line.hasPrefix("type=UNKNOWN[1396] ") && line.contains(" cause=\(cause) ")
    }

    /// Requires that `whole` is `cut` with as many lines in the place of NS_LOST as it says.
    private static func expect(_ cut: [Substring], toBe whole: [Substring], without cause: String) {
      var next = whole[...]
      var wrong = 0
      for (index, line) in cut.enumerated() {
        if isLost(line, cause) {
          next = next.dropFirst(AuditLine(line)?["lost"].flatMap { Int($0) } ?? 0)
        } else if cut.indices.contains(index + 1), isLost(cut[index + 1], cause) {
          // Each event has a SYSCALL record.
          if !line.hasPrefix("type=SYSCALL ") { wrong += 1 }
        } else if next.popFirst() != line {
          wrong += 1
        }
      }
      #expect(wrong == 0)
      #expect(next == [])
    }

    // MARK: Standard output

    @Test func `a sleeping reader costs standard output alone`() throws {
      let directory = try ScratchDirectory()
      let (log, dump) = (directory.file("log"), directory.file("dump"))
      var reader = try SleepingReader()
      var nstrace = try FollowingProgram(
        Self.audit + ["--audit-log", log, "--record", dump], output: .descriptor(reader.writing))
      let what = "standard output is not read in time: records are left out"
      try Self.storm(&nstrace, until: what, logged: log)
      // Answered, and logged, while nobody reads.
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, at: nstrace.control)
      try nstrace.process.wait(for: "the registration in the log") { _ in
        try Files.text(log).contains(" opid=\(target.pid) ")
      }
      #expect(!nstrace.process.errorText.contains("again"))
      try nstrace.process.wait(for: "standard output again") {
        reader.read()
        return $0.errorText.contains("standard output takes records again")
      }
      let (last, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the last event") { _ in
        reader.read()
        return try Files.text(log).contains(" opid=\(last) ")
      }
      nstrace.process.send(SIGINT)
      try nstrace.process.wait(for: "its end") {
        reader.read()
        return $0.status != nil
      }
      reader.read()
      #expect(nstrace.process.status == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
      #expect(Self.lost(reader.lines, cause: "stdout").count >= 1)
      #expect(reader.bytes.last == UInt8(ascii: "\n"))
      let logged = try Files.text(log)
      Self.expect(reader.lines, toBe: logged.split(separator: "\n"), without: "stdout")

      var replay = try ChildProcess(BuiltProducts.nstrace, ["replay", dump] + Self.audit)
      #expect(try replay.waitForExit() == .exited(0))
      #expect(replay.outputText == logged)
    }

    @Test func `a terminal that nobody reads costs itself alone`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      let terminal = try PseudoTerminal(columns: 132)
      var nstrace = try FollowingProgram(
        ["--audit-log", log], output: .descriptor(terminal.programSide))
      let what = "standard output is not read in time: records are left out"
      try Self.storm(&nstrace, until: what, logged: log)
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, at: nstrace.control)
      #expect(try nstrace.stop() == .exited(1))
      #expect(nstrace.process.errorText.contains("nobody reads standard output"))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
      #expect(try Files.text(log).contains(" opid=\(target.pid) "))
    }

    @Test func `with a log the run goes on without a reader`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram(["--audit-log", log])
      nstrace.process.closeOutput()
      try nstrace.process.wait(for: "a warning") { $0.errorText.contains("goes on without it\n") }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the event in the log") { _ in
        try Files.text(log).contains(" opid=\(pid) ")
      }
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.split(separator: "Broken pipe").count == 2)
    }

    // MARK: The log

    @Test(arguments: [false, true])
    func `a log goes on once there is room, and says what it lacks`(isMoved: Bool) throws {
      let directory = try ScratchDirectory()
      let output = directory.file("output")
      var disk = try SmallDisk()
      var nstrace = try disk.start(
        Self.audit + ["--audit-log", disk.file("log")], output: .file(output))
      try Self.storm(&nstrace, until: "log: No space left on device: records wait for room")
      // More than waits for room.
      let enough = try Files.read(output).count + 3 << 20
      while try Files.read(output).count < enough { try Self.storm() }
      #expect(try Files.read(disk.outside("log")).last == UInt8(ascii: "\n"))
      var old: [Substring] = []
      if isMoved {
        #expect(rename(disk.outside("log"), disk.outside("log.1")) == 0)
        nstrace.process.send(SIGHUP)
        try nstrace.process.wait(for: "a new log") { _ in Files.mode(disk.outside("log")) != nil }
        old = try Files.text(disk.outside("log.1")).split(separator: "\n")
      }
      try disk.empty()
      try nstrace.process.wait(for: "the log again") {
        $0.errorText.contains("log takes records again: ")
      }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the event in the log") { _ in
        try Files.text(disk.outside("log")).contains(" opid=\(pid) ")
      }
      let log = open(disk.outside("log"), O_RDONLY | O_CLOEXEC)
      defer { close(log) }
      #expect(try nstrace.stop() == .exited(0))
      let logged = try Files.text("/proc/self/fd/\(log)").split(separator: "\n")
      let missing = Self.lost(logged, cause: "log")
      #expect(missing.count == 1)
      #expect(
        nstrace.process.errorText.contains(
          "log takes records again: \(missing.first ?? 0) records are left out\n"))
      let printed = try Files.text(output).split(separator: "\n")
      Self.expect(old + logged, toBe: printed, without: "log")
      #expect(nstrace.process.errorText.split(separator: "No space left on device").count == 2)
    }

    @Test func `a full log ends the run that was told to stop`() throws {
      var disk = try SmallDisk()
      var nstrace = try disk.start(
        ["--format", "none", "--audit-log", disk.file("log"), "--on-full", "stop"])
      while nstrace.process.status == nil {
        try Self.storm(100)
        nstrace.process.look()
      }
      #expect(nstrace.process.status == .exited(1))
      #expect(nstrace.process.errorText.contains("log: No space left on device: "))
    }

    @Test func `a full log makes room of its oldest segments if told to rotate`() throws {
      let directory = try ScratchDirectory()
      let output = directory.file("output")
      var disk = try SmallDisk()
      var nstrace = try disk.start(
        Self.audit + [
          "--audit-log", disk.file("log"), "--on-full", "rotate", "--log-size", "16K",
          "--log-keep", "100",
        ], room: 256 << 10, output: .file(output))
      while try Files.read(output).count < 2 << 20 { try Self.storm() }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the event in the log") { _ in
        try Files.text(disk.outside("log")).contains(" opid=\(pid) ")
      }
      let kept = (0...100).reversed().compactMap {
        try? Files.read(disk.outside($0 == 0 ? "log" : "log.\($0)"))
      }
      #expect(try nstrace.stop() == .exited(0))
      #expect(!nstrace.process.errorText.contains("warning"))
      #expect(kept.count > 8 && kept.count <= 16)
      #expect(kept.allSatisfy { $0.count <= 16 << 10 })
      let printed = try Files.read(output)
      let logged = kept.reduce([], +)
      #expect(printed.count > logged.count)
      let end = try #require(Self.end(of: logged, in: printed))
      #expect(printed[..<end].suffix(logged.count).elementsEqual(logged))
    }

    /// Where the last line of `logged` ends in `printed`.
    private static func end(of logged: [UInt8], in printed: [UInt8]) -> Int? {
      let line = logged.dropLast().split(separator: UInt8(ascii: "\n")).last.map(Array.init)
      var end = 0
      for other in printed.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        end += other.count + 1
        if Array(other) == line { return end }
      }
      return nil
    }

    @Test func `a log whose writer was killed has one cut line at most`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram(["--format", "none", "--audit-log", log])
      var storm = try ChildProcess(BuiltProducts.nsactor, ["storm", "100000"])
      try nstrace.process.wait(for: "a log") { _ in try Files.read(log).count > 100_000 }
      nstrace.process.send(SIGKILL)
      #expect(try nstrace.process.waitForExit() == .signaled(SIGKILL))
      storm.send(SIGKILL)
      try storm.waitForExit()
      let lines = try Files.text(log).split(separator: "\n")
      #expect(lines.dropLast().allSatisfy { $0.hasPrefix("type=") && $0.last != " " })
      #expect(AuditLine.all(in: lines.dropLast().joined(separator: "\n")).count == lines.count - 1)
    }

    // MARK: The recording

    @Test func `a recording goes on once there is room, and replays to the same state`() throws {
      let directory = try ScratchDirectory()
      var disk = try SmallDisk(size: 64 << 20)
      let target = try ChildProcess("cat", input: .open)
      var nstrace = try disk.start(
        ["--nstype", "net", "--record", disk.file("dump")], room: 3 << 20)
      var storms = 0
      repeat {
        try Self.storm()
        nstrace.process.look()
        storms += 1
      } while !nstrace.process.errorText.contains("dump: No space left on device: records wait")
      // Four times as much as the disk had room for: 8 MiB wait.
      for _ in 0..<4 * storms { try Self.storm() }
      try Self.register(target.pid, at: nstrace.control)
      try disk.empty()
      try nstrace.process.wait(for: "the dump again") {
        $0.errorText.contains("dump takes records again: ")
      }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.process.wait(for: "the event") { $0.outputText.contains(" opid=\(pid) ") }
      let dump = open(disk.outside("dump"), O_RDONLY | O_CLOEXEC)
      defer { close(dump) }
      let path = "/proc/self/fd/\(dump)"
      try nstrace.process.wait(for: "the walk behind the gap") { _ in try Self.isMended(path) }
      #expect(try nstrace.stop() == .exited(0))
      try Files.write(Files.read(path), to: directory.file("dump"))
      let told = AuditLine.all(
        in: try Self.replay(
          directory.file("dump"), only: "lost=|opid=(\(target.pid)|\(pid)) "))
      let missing = told.filter { $0["cause"] == "dump" && $0["resynced"] == "0" }
      #expect(missing.count == 1)
      #expect(
        nstrace.process.errorText.contains(
          "dump takes records again: \(missing.first?["lost"] ?? "") records are left out\n"))
      #expect(told.contains { $0["resynced"] == "1" })
      // The registration happened in the gap.
      #expect(told.contains { $0.type == "UNKNOWN[1395]" && $0["opid"] == "\(target.pid)" })
      #expect(told.contains { $0["opid"] == "\(pid)" })
    }

    /// Whether a dump, which may be written to, has a gap and a whole walk behind it.
    private static func isMended(_ path: String) throws -> Bool {
      var source = try DumpSource(path: path)
      var batch = RecordBatch()
      var (hasGap, hasWalk) = (false, false)
      // It ends within a block.
      while !hasWalk, (try? source.next(into: &batch)) == .records {
        batch.withBytes { records in
          var offset = 0
          while offset < records.byteCount {
            let header = records.unsafeLoad(fromByteOffset: offset, as: nst_header.self)
            if header.kind == NST_KIND_LOST.rawValue { hasGap = true }
            if hasGap && header.kind == NST_KIND_SNAPSHOT_END.rawValue { hasWalk = true }
            offset += Int(header.size)
          }
        }
      }
      return hasWalk
    }

    /// The lines of a dump's replay that match an expression of grep -E: there are too many to read
    /// all.
    private static func replay(_ dump: String, only expression: String) throws -> String {
      let command = #""$0" replay "$1" --format audit --type-base 1390 | grep -aE "$2""#
      var replay = try ChildProcess("sh", ["-c", command, BuiltProducts.nstrace, dump, expression])
      #expect(try replay.waitForExit() == .exited(0))
      return replay.outputText
    }

    @Test func `record on a full disk ends, whole up to its last block`() throws {
      let directory = try ScratchDirectory()
      var disk = try SmallDisk()
      var nstrace = try disk.start([disk.file("dump")], command: "record", room: 3 << 20)
      let dump = open(disk.outside("dump"), O_RDONLY | O_CLOEXEC)
      defer { close(dump) }
      while nstrace.process.status == nil {
        try Self.storm()
        nstrace.process.look()
      }
      #expect(nstrace.process.status == .exited(1))
      #expect(
        nstrace.process.errorText.contains(
          "dump: No space left on device: the recording ends here, whole up to its last block\n"))
      try Files.write(Files.read("/proc/self/fd/\(dump)"), to: directory.file("dump"))
      let (blocks, error) = try DumpFile.read(directory.file("dump"))
      let copy = directory.file("copy")
      let whole = try DumpFile.write(blocks, to: copy).count - DumpFile.closingBytes
      #expect(error == .truncated(name: directory.file("dump"), offset: whole))
    }

    // MARK: The service manager

    @Test func `a watchdog is answered while an output works`() throws {
      let directory = try ScratchDirectory()
      let listener = try DatagramListener(directory.file("notify"))
      var disk = try SmallDisk()
      var nstrace = try disk.start(
        ["--format", "none", "--audit-log", disk.file("log")],
        environment: ["NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "100000"])
      var heard: Set<String> = []
      while heard.count < 2 {
        let message = listener.next()
        heard.insert(try #require(message))
      }
      #expect(heard == ["READY=1", "WATCHDOG=1"])
      try Self.storm(&nstrace, until: "records wait for room")
      while listener.next(milliseconds: 0) != nil {}
      #expect(listener.next(milliseconds: 1000) == nil)
      try disk.empty()
      #expect(listener.next() == "WATCHDOG=1")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a watchdog for another process is left to it`() throws {
      let directory = try ScratchDirectory()
      let listener = try DatagramListener(directory.file("notify"))
      var nstrace = try FollowingProgram(environment: [
        "NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1",
      ])
      #expect(listener.next() == "READY=1")
      #expect(try nstrace.stop() == .exited(0))
      #expect(listener.next(milliseconds: 0) == nil)
    }
  }
}
