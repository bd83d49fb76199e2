// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

extension LiveTests {
  /// `nstrace` without anything: what exists now.
  @Suite struct ListingTests {
    /// A namespace in a listing, and the process that it is listed with.
    private struct Row: Hashable {
      let kind: String
      let ino: Int
      let pid: Int
    }

    @Test func `it lists the namespaces of processes as lsns does, and of threads too`() throws {
      var actor = try ChildProcess(BuiltProducts.nsactor, ["hold"], input: .open)
      try actor.wait(for: "its tasks") { $0.outputText == "all.ready=40\n" }
      let family = try ProcTask.family(of: actor.pid)
      let listed = try Self.rows(
        JSONLines.all(
          in: FollowingProgram.run(BuiltProducts.nstrace, ["--format", "json"]).output),
        kind: "nstype", ino: "ino"
      ).filter { family.contains(UInt32($0.pid)) }
      let lsns = try Self.lsnsRows().filter { family.contains(UInt32($0.pid)) }
      // Five each of mnt, uts, ipc, user and cgroup: the others are of threads, or for children.
      #expect(lsns.count == 25)
      #expect(Set(lsns).subtracting(listed) == [])

      // And all that the tasks of these processes use and nobody else did before.
      let tasks = family.flatMap { ProcTask.tasks(of: $0) }
      let initial = try #require(ProcTask(tgid: 2, tid: 2)).inums
      var used: Set<String> = []
      for task in tasks {
        for (slot, inum) in task.inums where inum != initial[slot] {
          used.insert("\(slot.kind.name) \(inum)")
        }
      }
      let unborn = listed.filter { $0.kind == "pid" }.map { "pid \($0.ino)" }
      #expect(unborn.count == 5)
      #expect(Set(listed.map { "\($0.kind) \($0.ino)" }) == used.union(unborn))

      actor.closeInput()
      #expect(try actor.waitForExit() == .exited(0))
    }

    /// lsns (util-linux 2.38) gives up, without a word, when any process ends while it reads /proc.
    private static func lsnsOutput() throws -> String {
      let arguments = ["-J", "-o", "NS,TYPE,PID"]
      for _ in 1..<100 {
        if let whole = try? FollowingProgram.run("lsns", arguments) { return whole.output }
      }
      return try FollowingProgram.run("lsns", arguments).output
    }

    private static func lsnsRows() throws -> [Row] {
      let rows = try JSONLines.object(lsnsOutput())["namespaces"] as? [JSONLines.Object]
      return try rows.map { try Self.rows($0, kind: "type", ino: "ns") } ?? []
    }

    private static func rows(
      _ objects: [JSONLines.Object], kind: String, ino: String
    ) throws -> [Row] {
      try objects.map { object in
        guard let kind = object[kind] as? String, let ino = object[ino] as? Int,
          let pid = object["pid"] as? Int
        else { throw LiveTraceError.noFact("a namespace: \(object)") }
        return Row(kind: kind, ino: ino, pid: pid)
      }
    }
  }
}
