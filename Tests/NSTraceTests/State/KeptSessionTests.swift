// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Container sessions that began before the stream did (T4, docs/identity.md).
@Suite struct KeptSessionTests {
  /// Container 5 of task 2, and session 3, in which 4 was by its network namespace.
  private static let found: [History.Step] = [
    .host, .kept(7, "5", name: "web"), .keptSession(8), .keptSession(3, in: ["5"]), .inside(4, 3),
  ]

  /// The walk finds 2 in its container, and 4 inside.
  private static let walk: [History.Step] = [
    .begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101, .uts: 111]), .seen(4, [.net: 101]),
    .seen(9), .end,
  ]

  private func passages(_ run: History) -> [String] {
    run.events.flatMap(\.sessions).map(\.line)
  }

  @Test func `one goes on, is recorded once, and ends with its last task`() throws {
    let run = History(
      Self.found + Self.walk + [.fork(4, 6), .unshare(6, [.ipc: 121]), .exit(4), .exit(6)])
    #expect(passages(run) == ["resume 3 in 5 opid 4 setns:net", "end 3 in 5 opid 6 exit"])
    let record = try #require(run.events.first?.sessions.first)
    #expect(record.sinceNs == 5 && record.entrant?.auid == 1000)
    #expect(record.names == [Array("web".utf8)])
    #expect(run.lines.contains("create unshare ipc 6: 121 <- 3 cses=3"))
  }

  @Test func `numbers go on behind the highest of earlier tracers`() {
    let run = History(Self.found + Self.walk + [.fork(1, 6), .setns(6, [.net: 101])])
    #expect(passages(run).last == "begin 9 in 5 opid 6 setns:net")
  }

  @Test func `no number is the same as another one's in the keeper's words`() {
    let run = History(
      Self.found + [.keptSession(0x80_0001)] + Self.walk + [
        .fork(1, 6), .setns(6, [.net: 101]), .fork(1, 7), .setns(7, [.net: 101]),
      ])
    #expect(
      passages(run).dropFirst() == [
        "begin \(0x80_0002) in 5 opid 6 setns:net", "begin \(0x80_0004) in 5 opid 7 setns:net",
      ])
  }

  @Test func `one that ended meanwhile ends late, and says when it began`() throws {
    let run = History(
      Self.found + [.begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101]), .seen(9), .end])
    #expect(passages(run) == ["end 3 in 5 opid 4 late late"])
    let record = try #require(run.events.first?.sessions.first)
    #expect(record.sinceNs == 5 && record.wayIn == SessionRecord.Way(.setns, [.net]))
    #expect(record.names == [Array("web".utf8)])
    #expect(run.state.sessions.count == 0)
  }

  @Test func `who has gone back to the host has left`() {
    let run = History(
      Self.found + [
        .begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101]), .seen(4), .end,
        .unshare(4, [.uts: 103]),
      ])
    #expect(passages(run) == ["end 3 in 5 opid 4 late late"])
    #expect(run.lines == ["create unshare uts 4: 103 <- 2"])
  }

  @Test func `a child that was born during the walk is in it, and another process is not`() {
    // Another process had the tgid 8 before.
    let run = History(
      Self.found + [
        .inside(8, 3), .begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101]),
        .seen(4, [.net: 101]), .seen(9), .fork(4, 6), .fork(1, 8), .setns(8, [.net: 101]), .end,
        .unshare(6, [.uts: 103]), .unshare(8, [.uts: 104]),
      ])
    #expect(
      passages(run) == ["resume 3 in 5 opid 4 setns:net", "begin 9 in 5 opid 8 late:net late"])
    #expect(
      run.lines.suffix(2) == [
        "create unshare uts 6: 103 <- 2 cses=3", "create unshare uts 8: 104 <- 2 cses=9",
      ])
  }

  @Test func `so is one that is seen before its parent, or before its birth`() {
    let meanwhile: [[History.Step]] = [
      [.fork(4, 6), .called(6, ppid: 4), .seen(4, [.net: 101]), .seen(6, [.net: 101])],
      [
        .called(6, ppid: 4), .seen(6, [.net: 101], start: 55), .seen(4, [.net: 101]),
        .fork(4, 6, start: 55),
      ],
      [.called(6, ppid: 4), .seen(6, [.net: 101], start: 55), .seen(4, [.net: 101])],
    ]
    for steps in meanwhile {
      let run = History(
        Self.found + [.begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101])] + steps + [
          .seen(9), .end, .exit(4), .unshare(6, [.uts: 103]),
        ])
      #expect(passages(run) == ["resume 3 in 5 opid 4 setns:net"])
      #expect(run.lines.last == "create unshare uts 6: 103 <- 2 cses=3")
    }
  }

  @Test func `who is read behind the walk need not have a parent that is still there`() {
    let run = History(
      Self.found + [
        .begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101]), .seen(4, [.net: 101]),
        .seen(9), .fork(4, 6), .exit(4), .fork(6, 8), .exit(6), .inside(8, 3), .end,
        .unshare(8, [.uts: 103]),
      ])
    #expect(passages(run) == ["resume 3 in 5 opid 4 setns:net"])
    #expect(run.lines.last == "create unshare uts 8: 103 <- 2 cses=3")
  }

  // MARK: Who has moved meanwhile

  /// Containers 5 of task 2, and 6 of task 3. 4 was in 5 by its network namespace, and is in `place`.
  private func moved(_ place: [NamespaceSlot: UInt32], _ steps: History.Step...) -> History {
    History(
      [
        .host, .kept(7, "5"), .kept(8, "6", for: 3), .keptSession(3, in: ["5"]), .inside(4, 3),
        .begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101, .uts: 111]), .carrying(3, 8),
        .seen(3, [.net: 102, .mnt: 112]), .seen(4, place), .seen(9), .end,
      ] + steps)
  }

  @Test func `who has entered another container besides has another session`() {
    let run = moved([.net: 101, .mnt: 112], .unshare(4, [.ipc: 121]))
    #expect(
      passages(run) == [
        "resume 3 in 5 opid 4 setns:net", "begin 4 in 5,6 opid 4 late:mnt late",
        "end 3 in 5 opid 4 late late",
      ])
    #expect(run.lines.last == "create unshare ipc 4: 121 <- 3 cses=4")
  }

  @Test func `who has gone into another container instead is inside that alone`() {
    #expect(
      passages(moved([.net: 102])) == [
        "end 3 in 5 opid 4 late late", "begin 4 in 6 opid 4 late:net late",
      ])
  }

  @Test func `who has come further into its container is inside by that, too`() {
    let run = moved(
      [.net: 101, .uts: 111], .setns(4, [.net: 6]), .unshare(4, [.ipc: 121]), .setns(4, [.uts: 2]))
    #expect(
      passages(run) == ["resume 3 in 5 opid 4 setns:net", "end 3 in 5 opid 4 setns:uts"])
  }

  @Test func `those that have entered it from one session share the new one`() {
    let run = History(
      [
        .host, .kept(8, "6", for: 3), .keptSession(3, in: ["5"]), .inside(4, 3), .inside(5, 3),
        .begin, .seen(1), .carrying(3, 8), .seen(3, [.mnt: 112]),
        .seen(4, [.net: 101, .mnt: 112]), .seen(5, [.net: 101, .mnt: 112]),
        .seen(6, [.net: 101, .mnt: 112]), .seen(9), .end,
      ])
    #expect(
      passages(run) == [
        "resume 3 in 5 opid 4 setns:net", "begin 4 in 5,6 opid 4 late:mnt late",
        "end 3 in 5 opid 5 late late", "begin 5 in 5,6 opid 6 late:mnt,net late",
      ])
  }

  /// Task 3, and 4, are of container 6, and 3 was in 5.
  private func visitor(_ place: [NamespaceSlot: UInt32]) -> History {
    History([
      .host, .kept(8, "6", for: 3), .keptSession(3, in: ["5"], of: 3), .inside(3, 3), .begin,
      .seen(1), .carrying(3, 8), .seen(3, place), .carrying(4, 8), .seen(4, [.net: 102]), .seen(9),
      .end,
    ])
  }

  @Test func `what a visitor from another container has made inside is no home of its container`() {
    let run = visitor([.net: 131])
    #expect(passages(run) == ["resume 3 in 5 opid 3 setns:net"])
  }

  @Test func `a visitor that is at home again has left`() {
    #expect(passages(visitor([.net: 102])) == ["end 3 in 5 opid 3 late late"])
  }

  @Test func `a container that has ended is still visited, and who enters it is told`() throws {
    let run = History(
      Self.found + [
        .begin, .seen(1), .seen(4, [.net: 101]), .seen(9), .end, .fork(1, 6),
        .setns(6, [.net: 101]),
      ])
    #expect(
      passages(run) == ["resume 3 in 5 opid 4 setns:net", "begin 9 in 5 opid 6 setns:net"])
    #expect(run.lines.contains("drop -1 opid 2 <- 5 late"))
    let container = try #require(run.state.containerSummaries.first)
    #expect(container.hasEnded && container.visitors == 2)
  }

  @Test func `tasks inside that no session is kept of begin one late`() {
    let run = History(
      Self.found + [
        .begin, .seen(1), .carrying(2, 7), .seen(2, [.net: 101]), .seen(4, [.net: 101]),
        .seen(6, [.net: 101]), .seen(9), .end,
      ])
    #expect(
      passages(run) == ["resume 3 in 5 opid 4 setns:net", "begin 9 in 5 opid 6 late:net late"])
  }

  @Test func `what no session can be is passed over`() {
    let run = History(
      [
        .host, .keptSession(0, in: ["5"]), .inside(4, 0), .inside(4, 6), .keptSession(6),
        .keptSession(5, in: ["18446744073709551615"]),
      ] + Self.walk)
    #expect(passages(run) == [])
  }

  @Test func `behind the first walk they count no more`() {
    let run = History(
      [.host] + Self.walk + [
        .keptSession(3, in: ["5"]), .inside(4, 3), .keptSession(8), .snapshot(1, 2, 4, 9),
      ])
    #expect(passages(run) == [])
    #expect(run.state.lastSession == 0)
  }

  @Test func `what a keeper is given comes back`() throws {
    let run = History(
      .host, .snapshot(1, 9), .clone(1, 2, [.net: 101, .uts: 111]), .register(2, "5"),
      .called(4, "nsenter"), .fork(1, 4), .setns(4, [.net: 101]))
    let inUse = run.state.sessionsInUse
    #expect(inUse.visits == [4: SessionsInUse.Visit(session: 1, slots: 1 << 6)])
    let kept = try #require(inUse.sessions.first)
    let read = SessionTable.Session(kept.record, exe: kept.exe.span.bytes)
    let again = try #require(read)
    let session = try #require(run.state.sessions[1])
    #expect(again.containers == session.containers && again.entrant == session.entrant)
    #expect(again.way == session.way && again.opid == 4 && again.beganNs == session.beganNs)
  }
}
