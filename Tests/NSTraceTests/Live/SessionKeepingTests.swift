// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive
@testable import nstrace

extension LiveTests {
  /// What a tracer writes into the keeper of its sessions, and when (docs/identity.md).
  @Suite struct SessionKeepingTests {
    /// Task 4 is inside the container of task 2. Few of the host's processes have such tgids, and none forks.
    private static let visit: [History.Step] = [
      .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .register(2, "5"), .fork(1, 4),
      .setns(4, [.net: 101]),
    ]

    private static func kept(_ keeper: Keeper) throws -> [UInt32] {
      try keeper.readSessions().kept.map(\.number)
    }

    private static func inside(_ keeper: Keeper) throws -> [UInt32] {
      try keeper.readInside(keeper.readSessions().kept).map(\.tgid)
    }

    @Test func `while records are missing what is new is kept, and the rest is once they are not`()
      throws
    {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      keeper.setLastSession(2)
      var keeping = SessionKeeping()
      let begun = History(Self.visit)
      #expect(keeping.due(for: begun.state, isSure: false) != nil)
      try keeping.write(begun.state.sessionsInUse, isSure: false, to: keeper)
      #expect(try Self.kept(keeper) == [1] && Self.inside(keeper) == [4])
      // It may only seem to have left.
      let left = History(Self.visit + [.fork(1, 6), .setns(6, [.net: 101]), .setns(4, [.net: 6])])
      try keeping.write(left.state.sessionsInUse, isSure: false, to: keeper)
      #expect(try Self.kept(keeper) == [1, 2] && Self.inside(keeper) == [4, 6])
      #expect(keeping.due(for: left.state, isSure: true) != nil)
      try keeping.write(left.state.sessionsInUse, isSure: true, to: keeper)
      #expect(try Self.kept(keeper) == [2] && Self.inside(keeper) == [6])
      // Once more, for the children of who has come in.
      try keeping.write(left.state.sessionsInUse, isSure: true, to: keeper)
      #expect(keeping.due(for: left.state, isSure: true) == nil)
    }

    @Test func `one that has ended stays until the record of its end is written`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      keeper.setLastSession(1)
      var keeping = SessionKeeping()
      try keeping.write(History(Self.visit).state.sessionsInUse, isSure: true, to: keeper)
      let left = History(Self.visit + [.exit(4)])
      for (made, written) in [(5, 4), (9, 4), (9, -1), (9, 5)] {
        #expect(try Self.kept(keeper) == [1])
        #expect(keeping.due(for: left.state, isSure: true) != nil)
        let events = WrittenEvents(made: made, written: written)
        try keeping.write(left.state.sessionsInUse, isSure: true, events, to: keeper)
      }
      #expect(try Self.kept(keeper) == [])
    }

    /// A child that was born before its parent's word was written may have children by the second time.
    @Test func `it is written until the keeper has nothing else of any process`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      var keeping = SessionKeeping()
      let run = History(Self.visit)
      try keeping.write(run.state.sessionsInUse, isSure: true, to: keeper)
      for _ in 1...3 {
        #expect(keeper.set(nil, of: 4))
        try keeping.write(run.state.sessionsInUse, isSure: true, to: keeper)
        #expect(keeping.due(for: run.state, isSure: true) != nil)
      }
      try keeping.write(run.state.sessionsInUse, isSure: true, to: keeper)
      #expect(keeping.due(for: run.state, isSure: true) == nil)
    }

    @Test func `where no session is, nothing is due while records are missing`() {
      let keeping = SessionKeeping()
      let run = History(.host, .snapshot(1, 9))
      #expect(keeping.due(for: run.state, isSure: false) == nil)
      #expect(keeping.due(for: run.state, isSure: true) != nil)
    }

    /// A batch is 64 records at most, and 16 may be held.
    @Test func `numbers are left out for what is held, and not for what was`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      let numbers = SessionNumbers(keeper)
      var batch = RecordBatch()
      batch.append([UInt8](repeating: 0, count: 1024))
      for most in [64, 80, 80] as [UInt32] {
        numbers.take(batch)
        #expect(keeper.lastSession == most)
        numbers.settle(at: 0, heldBytes: 256, unfound: 0)
        #expect(keeper.lastSession == 16)
      }
      numbers.settle(at: 0, heldBytes: 256, unfound: 5)
      #expect(keeper.lastSession == 21)
      numbers.settle(at: 3, heldBytes: 0, unfound: 0)
      #expect(keeper.lastSession == 3)
    }
  }
}
