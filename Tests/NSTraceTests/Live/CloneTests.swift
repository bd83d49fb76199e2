// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

extension LiveTests {
  /// Children that are born into other namespaces than their parent's.
  @Suite struct CloneTests {
    @Test(arguments: NamespaceKind.allCases.filter { $0 != .time })
    func `clone makes one namespace of the kind`(kind: NamespaceKind) throws {
      let run = try ActorRun("clone", ["\(kind.name)"])
      let (parent, child) = (try run.place("parent"), try run.place("child"))
      let slot = NamespaceSlot(membershipOf: kind)
      run.expect(
        try [
          .created(.clone, child[slot], from: parent[slot], opid: child.tid),
          .destroyed(.exit, child[slot], opid: child.tid),
        ])
      let call = try #require(run.events.first?.call)
      #expect(call.flags == kind.cloneFlag)
      #expect(call.number == 56)
      #expect(call.result == Int64(child.tid))
      #expect(run.events.first?.subject?.task.tid == parent.tid)
    }

    @Test(arguments: NamespaceKind.allCases)
    func `clone3 makes one namespace of the kind, and exec changes nothing`(
      kind: NamespaceKind
    ) throws {
      let run = try ActorRun("clone3", ["\(kind.name)"])
      let (parent, child) = (try run.place("parent"), try run.place("child"))
      let slot = NamespaceSlot(membershipOf: kind)
      run.expect(
        try [
          .created(.clone3, child[slot], from: parent[slot], opid: child.tid),
          .destroyed(.exit, child[slot], opid: child.tid),
        ])
      let call = try #require(run.events.first?.call)
      #expect(call.flags == kind.cloneFlag)
      #expect(call.number == 435)
    }

    @Test func `CLONE_PARENT's child belongs to who cloned it, not to its parent`() throws {
      let run = try ActorRun("clone-parent")
      let (parent, sibling) = (try run.place("parent"), try run.place("sibling"))
      let maker = try run.place("maker")
      run.expect(
        try [
          .created(.clone, sibling[.uts], from: parent[.uts], opid: sibling.tid),
          .destroyed(.exit, sibling[.uts], opid: sibling.tid),
        ])
      #expect(run.events.first?.subject?.task.tid == maker.tid)
      #expect(run.events.last?.subject?.ppid == parent.tid)
    }

    @Test func `a vfork child shares its parent's namespaces`() throws {
      let run = try ActorRun("vfork-exec")
      let (before, after) = (try run.place("before"), try run.place("after"))
      #expect(try run.place("program")[.uts] == after[.uts])
      run.expect(
        try [
          .created(.unshare, after[.uts], from: before[.uts], opid: before.tid),
          .destroyed(.exit, after[.uts], opid: before.tid),
        ])
    }
  }
}
