// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// A recording whose writer is killed at any moment.
  @Suite struct DurabilityTests {
    /// How often: 20 times, or $NSTRACE_KILLS (`make durability`: 200).
    private static let kills = getenv("NSTRACE_KILLS").flatMap { Int(String(cString: $0)) } ?? 20

    @Test(arguments: 0..<UInt64(kills))
    func `what was recorded until the kill is replayed, block by block`(seed: UInt64) throws {
      var random = RandomStream(seed: seed)
      let directory = try ScratchDirectory()
      let (dump, copy) = (directory.file("dump"), directory.file("copy"))
      var recorder = try ChildProcess(
        BuiltProducts.nstrace, ["record", dump, "--control", directory.file("control.sock")])
      var storm = try ChildProcess(BuiltProducts.nsactor, ["storm", "100000"])
      let enough = random.below(300_000)
      try recorder.wait(for: "\(enough) bytes") { _ in try Self.size(of: dump) > enough }
      usleep(UInt32(random.below(30_000)))
      recorder.send(SIGKILL)
      #expect(try recorder.waitForExit() == .signaled(SIGKILL))
      storm.send(SIGKILL)
      try storm.waitForExit()

      let (blocks, error) = try DumpFile.read(dump)
      let whole = try DumpFile.write(blocks, to: copy).count - DumpFile.closingBytes
      #expect(error == .truncated(name: dump, offset: whole))
      var cut = try Self.replay(dump)
      #expect(try cut.waitForExit() == .exited(65))
      #expect(cut.errorText.contains(" ends in the middle, at byte \(whole): "))
      // The same blocks, and an end.
      var full = try Self.replay(copy)
      #expect(try full.waitForExit() == .exited(0))
      #expect(full.errorText == "")
      #expect(try Files.read(dump + ".out") == Files.read(copy + ".out"))
    }

    private static func replay(_ dump: String) throws -> ChildProcess {
      try ChildProcess(BuiltProducts.nstrace, ["replay", dump], output: .file(dump + ".out"))
    }

    private static func size(of path: String) throws -> Int {
      var status = stat()
      return stat(path, &status) == 0 ? Int(status.st_size) : -1
    }
  }
}
