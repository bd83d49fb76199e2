// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

extension LiveTests {
  @Suite struct SetnsTests {
    @Test func `setns without a kind moves to whatever the descriptor is`() throws {
      let run = try ActorRun("setns-zero")
      let (before, target) = (try run.place("before"), try run.place("target"))
      run.expect(
        try [
          .created(.clone, target[.uts], from: before[.uts], opid: target.tid),
          .changed(.setns, target[.uts], from: before[.uts], opid: before.tid),
          .destroyed(.exit, target[.uts], opid: before.tid),
        ])
    }

    @Test func `setns to a pidfd moves several kinds in one event`() throws {
      let run = try ActorRun("setns-pidfd")
      let (before, target) = (try run.place("before"), try run.place("target"))
      let slots: [NamespaceSlot] = [.uts, .ipc, .net]
      run.expect(
        try slots.map {
          try .created(.clone, target[$0], from: before[$0], opid: target.tid)
        }
          + slots.map { try .changed(.setns, target[$0], from: before[$0], opid: before.tid) }
          + slots.map { try .destroyed(.exit, target[$0], opid: before.tid) })
      #expect(run.events.map(\.namespaces.count) == [3, 3, 3])
    }

    @Test func `setns back ends what was left`() throws {
      let run = try ActorRun("setns-back")
      let (before, away) = (try run.place("before"), try run.place("away"))
      #expect(try run.place("after")[.uts] == before[.uts])
      run.expect(
        try [
          .created(.unshare, away[.uts], from: before[.uts], opid: before.tid),
          .changed(.setns, before[.uts], from: away[.uts], opid: before.tid),
          .destroyed(.setns, away[.uts], opid: before.tid),
        ])
      #expect(run.events.count == 2)
    }

    @Test func `a namespace that only a descriptor kept is created again by who enters it`() throws
    {
      let run = try ActorRun("setns-reenter")
      let (before, first) = (try run.place("before"), try run.place("first"))
      #expect(try run.place("again")[.net] == first[.net])
      run.expect(
        try [
          .created(.unshare, first[.net], from: before[.net], opid: before.tid),
          .changed(.setns, before[.net], from: first[.net], opid: before.tid),
          .destroyed(.setns, first[.net], opid: before.tid),
          .created(.setns, first[.net], from: before[.net], opid: before.tid),
          .destroyed(.exit, first[.net], opid: before.tid),
        ])
    }

    @Test func `setns with a bad descriptor is refused, of a kind or of none`() throws {
      let run = try ActorRun("setns-bad")
      let before = try run.place("before")
      run.expect(
        try [
          .refused(.change, .setns, .uts, at: before[.uts], opid: before.tid),
          .refused(.change, .setns, nil, at: nil, opid: before.tid),
        ])
      #expect(run.events.map(\.call?.result) == [-9, -9])
      #expect(run.events.map(\.call?.number) == [308, 308])
    }
  }
}
