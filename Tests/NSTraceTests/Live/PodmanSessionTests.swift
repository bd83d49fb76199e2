// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace

extension LiveTests {
  /// A container from an image by podman, as audit's readers read the log of it.
  @Suite struct PodmanSessionTests {
    @Test func `its audit log is read right by laurel, auparse, ausearch and aureport`() throws {
      let bundle = try OCIBundle()
      let log = try ReaderLog(text: Self.session(bundle))
      #expect(Set(log.written.map(\.type)).isSuperset(of: ["SYSCALL", "PROCTITLE"]))
      let ours = Set(log.written.map(\.type)).filter { $0.hasPrefix("UNKNOWN[") }
      #expect(ours.isSuperset(of: [1390, 1392, 1394, 1395].map { "UNKNOWN[\($0)]" }))

      let byLaurel = ReadRecord.differing(try log.laurel(), log.written)
      #expect(byLaurel == [])
      let byAuparse = ReadRecord.differing(try log.auparse(), log.writtenForAuparse)
      #expect(byAuparse == [])
      #expect(try log.ausearch(["--raw"]) == log.text)
      #expect(!log.text.contains("(null)"))
      let serials = Set(log.written.map(\.serial))
      for options in [["--format", "text"], ["--format", "csv"]] {
        let lines = try log.ausearch(options).split(separator: "\n")
        #expect(lines.count == serials.count + (options[1] == "csv" ? 1 : 0))
        #expect(lines.allSatisfy { !$0.contains("(null)") && !$0.contains("did-unknown") })
        #expect(lines.contains { $0.contains("nstrace/create-") && $0.contains("net:[") })
        #expect(lines.contains { $0.contains("destroy-net:[") && $0.contains("/drop-") })
      }
      let report = try log.aureport(["-e"])
      #expect(!report.contains("(null)") && !report.contains(" unset\n"))
      #expect(report.split(separator: "\n").last?.hasPrefix("\(serials.count). ") == true)
    }

    /// The lines of the events that are about the container, from an image of busybox.
    private static func session(_ bundle: borrowing OCIBundle) throws -> String {
      let log = bundle.file("audit.log")
      var nstrace = try FollowingProgram(["--containers", "cgroup", "--audit-log", log])
      let podman = [
        "--root", bundle.file("storage"), "--runroot", bundle.file("run"), "--tmpdir",
        bundle.file("tmp"), "--storage-driver", "vfs", "--events-backend", "none", "--runtime",
        "runc", "--cgroup-manager", "cgroupfs",
      ]
      try FollowingProgram.run(
        "tar", ["-C", bundle.file("rootfs"), "-cf", bundle.file("image.tar"), "."])
      try FollowingProgram.run(
        "podman", podman + ["import", bundle.file("image.tar"), "localhost/session"])
      let cidfile = bundle.file("id")
      try FollowingProgram.run(
        "podman",
        podman + [
          "run", "--rm", "--cidfile", cidfile, "--network", "none", "--log-driver", "none",
          "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "localhost/session",
          "/bin/busybox", "true",
        ])
      let id = "\(ContainerID(runtimeID: try Files.read(cidfile)))"
      try nstrace.process.wait(for: "its end") {
        $0.outputText.contains(" contid=-1 old-contid=\"\(id)\" ")
      }
      #expect(try nstrace.stop() == .exited(0))
      let lines = try Files.text(log).split(separator: "\n")
      let serials = Set(lines.filter { $0.contains(id) }.compactMap { AuditLine($0)?.serial })
      return lines.filter { AuditLine($0).map { serials.contains($0.serial) } ?? false }
        .map { $0 + "\n" }.joined()
    }
  }
}
