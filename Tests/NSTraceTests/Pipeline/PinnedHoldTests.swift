// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct PinnedHoldTests {
  /// A task that has ended, in a stream with answers: `destroy exit uts 2: 101`.
  private static let ended: [History.Step] = [
    .host(NST_HOOK_NSFS), .snapshot(1, 2, 3), .unshare(2, [.uts: 101]), .exit(2),
  ]
  private static let created = "create unshare uts 2: 101 <- 2"
  private static let destroyed = "destroy exit uts 2: 101"

  private func held(_ steps: History.Step...) throws -> [[String]] {
    try Array(History(Self.ended + steps).held().dropFirst(2))
  }

  @Test(arguments: [
    (NST_ANSWER_YES, " pinned"), (NST_ANSWER_NO, " gone"), (NST_ANSWER_UNKNOWN, ""),
  ])
  func `an end is told when it is answered, and what follows behind it`(
    answer: nst_answer, word: String
  ) throws {
    let lines = try held(
      .unshare(3, [.net: 102]), .pinned(.uts, 101, answer), .unshare(3, [.ipc: 103]))
    #expect(
      lines == [
        [Self.created], [], [], [Self.destroyed + word, "create unshare net 3: 102 <- 6"],
        ["create unshare ipc 3: 103 <- 3"], [],
      ])
  }

  @Test func `an event is written once it is passed on`() throws {
    let run = History(
      Self.ended + [
        .unshare(3, [.net: 102]), .freed(101), .exit(3), .pinned(.net, 102, NST_ANSWER_YES),
      ])
    let counts = try run.waitingEvents()
    #expect(counts == [0, 0, 0, 1, 2, 0, 1, 0, 0])
  }

  @Test func `several are answered in any order and told in theirs`() throws {
    let lines = try held(
      .unshare(3, [.net: 102, .ipc: 103]), .exit(3), .pinned(.net, 102, NST_ANSWER_YES),
      .pinned(.ipc, 103, NST_ANSWER_NO), .freed(101))
    #expect(lines[1...5].joined().isEmpty)
    #expect(
      lines[5] + lines[6] == [
        Self.destroyed + " gone", "create unshare ipc 3: 103 <- 3",
        "create unshare net 3: 102 <- 6",
        "destroy exit ipc 3: 103 gone", "destroy exit net 3: 102 pinned",
      ])
  }

  @Test func `an answer about another namespace is none`() throws {
    let lines = try held(
      .pinned(.uts, 102, NST_ANSWER_YES), .pinned(.net, 101, NST_ANSWER_YES),
      .pinned(.uts, 101, NST_ANSWER_YES, nsid: 5), .freed(102))
    #expect(lines == [[Self.created], [], [], [], [], [], [Self.destroyed]])
  }

  @Test func `what is freed within the call that leaves it is told without delay`() throws {
    let run = History(
      .host(NST_HOOK_FREED), .snapshot(1, 2), .unshare(2, [.uts: 101]), .freed(101),
      .unshare(2, [.uts: 102]), .freed(102), .unshare(2, [.uts: 101]), .exit(2), .freed(101))
    #expect(
      try Array(run.held().dropFirst(2)) == [
        [Self.created], [],
        ["create unshare uts 2: 102 <- 101", "destroy unshare uts 2: 101 gone"], [],
        ["create unshare uts 2: 101 <- 102", "destroy unshare uts 2: 102 gone"], [],
        [Self.destroyed + " gone"], [],
      ])
  }

  @Test func `a number that was somebody else's before says nothing of its next owner`() throws {
    let run = History(
      .host(NST_HOOK_FREED), .snapshot(1, 2), .freed(101), .unshare(2, [.uts: 101]), .exit(2))
    #expect(try run.held().suffix(2) == [[], [Self.destroyed]])
  }

  @Test func `a number that is given again was freed, to whatever kind`() throws {
    let same = try held(.unshare(3, [.uts: 101]))
    #expect(same[2] == [Self.destroyed + " gone", "create unshare uts 3: 101 <- 2"])
    let other = try held(.setns(3, [.net: 101]))
    #expect(other[2] == [Self.destroyed + " gone", "create setns net 3: 101 <- 6"])
  }

  @Test func `one that is entered again was not`() throws {
    let entered = try held(.setns(3, [.uts: 101]))
    #expect(entered[2] == [Self.destroyed + " pinned", "create setns uts 3: 101 <- 2"])
  }

  @Test func `where only the number is the same nothing is known`() throws {
    let late = try held(.late(3, [.uts: 101]))
    #expect(late[2] == [Self.destroyed, "create late uts 3: 101 <- 2"])
  }

  @Test func `a number that is never used again tells for sure`() throws {
    let steps: [History.Step] = [
      .host(NST_HOOK_NSFS), .snapshot(1, 2, 3), .unshare(2, [.uts: 101], nsid: 9), .exit(2),
    ]
    let entered = History(steps + [.call(NST_OP_NONE, 3, [.uts: 101], flags: 0, nsid: 9)])
    #expect(try entered.held()[4].first == "destroy exit uts 2: 101#9 pinned")
    let another = History(steps + [.setns(3, [.uts: 101], nsid: 10)])
    #expect(try another.held()[4].first == "destroy exit uts 2: 101#9 gone")
  }

  @Test func `a loss releases everything, and nothing is held until the state is whole`() throws {
    let lines = try held(
      .unshare(3, [.net: 102]), .lost(1), .exit(3), .begin, .seen(1), .end,
      .fork(1, 4), .unshare(4, [.uts: 103]), .exit(4))
    #expect(lines[3] == [Self.destroyed, "create unshare net 3: 102 <- 6", "lost 1 fork"])
    #expect(lines[4] == ["destroy exit net 3: 102"])
    #expect(lines.suffix(2) == [[], ["destroy exit uts 4: 103"]])
  }

  @Test(arguments: [0, NST_HOOK_FEXIT_UNSHARE])
  func `in a stream without answers nothing is held`(hooks: Int32) throws {
    let run = History([.host(hooks)] + Self.ended.dropFirst() + [.freed(101)])
    #expect(try run.held() == [[], [], [Self.created], [Self.destroyed], [], []])
  }

  @Test func `too many that wait are all told, and for a second nobody waits`() throws {
    var steps: [History.Step] = [.host(NST_HOOK_NSFS), .snapshot(1)]
    let limit = PinnedHold<CollectingSink>.waitLimit
    for number in 0...UInt32(limit) {
      steps += [
        .clone(1, 10, [.uts: 1000 + number]), .exit(10), .fork(1, 11), .exit(11),
      ]
    }
    let second = UInt64(PinnedHold<CollectingSink>.floodNs)
    steps += [.clone(1, 10, [.uts: 9000]), .exit(10)]
    steps += [.at(2 * second, .clone(1, 10, [.uts: 9001])), .at(2 * second + 1, .exit(10))]
    let lines = try History(steps).held()
    let counts = lines.map(\.count)
    #expect(counts[2] == 1)
    #expect(counts[3..<(3 + 4 * limit)].allSatisfy { $0 == 0 })
    #expect(counts.reduce(0, +) == 2 * (limit + 3))
    #expect(
      lines.suffix(5) == [
        ["create clone uts 10: 9000 <- 2"], ["destroy exit uts 10: 9000"],
        ["create clone uts 10: 9001 <- 2"], [], ["destroy exit uts 10: 9001"],
      ])
    #expect(!lines.joined().contains { $0.hasSuffix("gone") || $0.hasSuffix("pinned") })
  }

  @Test func `too many events behind one that waits are told`() throws {
    var steps = Self.ended
    let limit = PinnedHold<CollectingSink>.heldLimit
    for number in 0..<UInt32(limit) { steps.append(.setns(3, [.net: 102 + number % 2])) }
    let counts = try History(steps).held().map(\.count)
    #expect(counts[4..<(3 + limit)].allSatisfy { $0 == 0 })
    #expect(counts[3 + limit] > limit)
  }

  @Test func `who waits is told in order, and since when`() throws {
    let steps = Self.ended + [.unshare(3, [.net: 102, .ipc: 103]), .exit(3)]
    var tracker = Tracker(sink: PinnedHold(CollectingSink()))
    var decoder = EventDecoder()
    for step in History(steps).steps {
      try RecordBatch(step).withBytes { try decoder.decode($0, into: &tracker) }
    }
    let ids = [(NamespaceKind.uts, 101), (.ipc, 103), (.net, 102)] as [(NamespaceKind, UInt32)]
    let waiting = tracker.sink.waiting
    #expect(
      waiting
        == zip(ids, [40, 60, 60]).map {
          WaitingNamespace(id: NamespaceID(kind: $0.0, inum: $0.1, nsid: 0), sinceNs: $1)
        })
    tracker.sink.release()
    let isWaiting = tracker.sink.isWaiting
    #expect(!isWaiting)
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `of any stream it says what a look at all of it says`(seed: UInt64) throws {
    var stream = HostileStream(seed: seed, pinnedPercent: 20)
    let host = SimulatedStream.host(at: 0, hooks: NST_HOOK_FREED)
    let records = [host] + (0..<600).map { _ in stream.next() }
    var heard = Tracker(sink: HearingSink())
    var held = Tracker(sink: PinnedHold(EventLog()))
    for record in records {
      record.deliver(to: &heard)
      record.deliver(to: &held)
    }
    held.sink.release()
    let expected = NaiveHold(items: heard.sink.items).events
    let told = held.sink.next.events
    #expect(told.map(\.serial) == expected.map(\.serial))
    for (one, other) in zip(told, expected) where one.namespaces != other.namespaces {
      let (said, wanted) = (one.namespaces.map(\.line), other.namespaces.map(\.line))
      Issue.record("serial \(one.serial): \(said), not \(wanted)")
    }
  }

  /// Each event lists 200 IDs for each of ten namespaces: 48,000 bytes of them.
  @Test func `events that list many IDs are held up to 16 MiB`() {
    var hold = PinnedHold(EventLog())
    hold.hear(.answers(true))
    hold.hear(.unsure(false))
    hold.write(.make([Self.record(.destroy, listing: 0)]))
    var count = 0
    while hold.next.events.isEmpty, count < 1_000 {
      hold.write(.make(Array(repeating: Self.record(.change, listing: 200), count: 10)))
      count += 1
    }
    #expect((250...350).contains(count))
    #expect(hold.next.events.count == count + 1)
  }

  private static func record(
    _ verb: NamespaceRecord.Verb, listing count: UInt64
  ) -> NamespaceRecord {
    let id = NamespaceID(kind: .uts, inum: 101, nsid: 1)
    return NamespaceRecord(
      verb: verb, op: verb == .destroy ? .exit : .assign, kind: .uts, namespace: id, old: nil,
      opid: 2,
      namespaceContainers: ContainerList(
        (0..<count).map { .init(ContainerID(high: 1, low: $0)) }))
  }
}
