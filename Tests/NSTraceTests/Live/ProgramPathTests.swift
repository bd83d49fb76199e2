// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

extension LiveTests {
  /// Where a program's file is, as the kernel says it, and what no name of a file can forge.
  @Suite struct ProgramPathTests {
    private static let script = """
      cd "$1"
      cp "$0" u
      exec 3<u
      rm u
      /proc/self/fd/3 program here
      exec 3<&-
      cp "$0" 'u (deleted)'
      './u (deleted)' program here
      cp "$0" v
      ./v program deleted
      "$0" program memfd m
      "$0" program detached
      n=$(printf '%0200d' 1)
      mkdir -p "$n/$n/$n/$n/$n/$n"
      cp "$0" "$n/$n/$n/$n/$n/$n/x"
      "$n/$n/$n/$n/$n/$n/x" program here
      exec unshare -u true
      """

    private struct Program: Equatable {
      var exe: String
      var isDeleted = false
      var isCut = false
    }

    @Test
    func `deleted before exec or after it, in memory, on no mount that is attached, too long`()
      throws
    {
      let directory = try ScratchDirectory()
      var nstrace = try FollowingProgram(["--format", "json"])
      let (pid, _) = try FollowingProgram.run(
        "/bin/sh", ["-euc", Self.script, BuiltProducts.nsactor, directory.path])
      try nstrace.process.wait(for: "the last record") {
        $0.outputText.split(separator: "\n").contains {
          $0.contains("\"type\":\"NS_DESTROY\"") && $0.contains("\"opid\":\(pid),")
        }
      }
      try nstrace.stop()
      let long = String(repeating: "0", count: 199) + "1/"
      #expect(
        try Self.programs(of: pid, in: nstrace.process.outputText) == [
          Program(exe: directory.file("u"), isDeleted: true),
          Program(exe: directory.file("u (deleted)")),
          Program(exe: directory.file("v")), Program(exe: directory.file("v"), isDeleted: true),
          Program(exe: "/memfd:m", isDeleted: true),
          Program(exe: "/"),
          Program(exe: ".../" + String(repeating: long, count: 5) + "x", isCut: true),
        ])
    }

    @Test(arguments: [(97, 97), (150, 98)])
    func `of a command line 128 bytes are read, and one that is longer is marked`(
      count: Int, isRead: Int
    ) throws {
      var nstrace = try FollowingProgram(["--format", "json"])
      let last = String(repeating: "a", count: count)
      let (pid, _) = try FollowingProgram.run("unshare", ["-u", "/bin/true", last])
      try nstrace.process.wait(for: "the last record") {
        $0.outputText.split(separator: "\n").contains {
          $0.contains("\"type\":\"NS_DESTROY\"") && $0.contains("\"opid\":\(pid),")
        }
      }
      #expect(try nstrace.stop() == .exited(0))
      let isCut = isRead < count
      let titles = try JSONLines.all(in: nstrace.process.outputText).filter {
        $0["type"] as? String == "PROCTITLE" && $0["pid"] as? Int == Int(pid)
      }
      #expect(
        titles.map { $0["proctitle"] as? String } == [
          "/usr/bin/unshare -u /bin/true \(last.prefix(isRead))" + (isCut ? "..." : "")
        ])
      #expect(titles.map { $0["proctitle_cut"] as? Bool } == [isCut ? true : nil])
    }

    /// Of the children of a shell, call by call.
    private static func programs(of shell: Int32, in text: String) throws -> [Program] {
      try JSONLines.all(in: text).filter {
        $0["type"] as? String == "SYSCALL" && $0["ppid"] as? Int == Int(shell)
      }.map {
        Program(
          exe: $0["exe"] as? String ?? "", isDeleted: $0["exe_deleted"] as? Bool ?? false,
          isCut: $0["exe_cut"] as? Bool ?? false)
      }
    }
  }
}
