// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Container sessions (T4) with `--containers cgroup`: what is executed in a container has the ID of its
/// cgroup, and has come in all the same.
@Suite struct CgroupSessionTests {
  private static let a = id("a")
  private static let b = id("b")

  private static func id(_ name: String) -> String {
    "\(ContainerID(runtimeID: Array(name.utf8)))"
  }

  /// Cgroups 2 and 3 are of containers a and b. Task 2 is in a, with namespaces of its own.
  private static let start: [History.Step] = [
    .host, .cgroup(2, "/lxc.payload.a"), .cgroup(3, "/lxc.payload.b"), .cgroup(5, "/system.slice"),
    .slip(1, to: 5), .snapshot(1), .fork(1, 2), .attach(2, 2),
    .unshare(2, [.net: 101, .mnt: 110]), .exec(2),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(containers: .cgroup, Self.start + steps)
  }

  private func passages(_ run: History) -> [String] {
    run.events.flatMap(\.sessions).map(\.line)
  }

  @Test func `who leaves and comes back has another session`() {
    let run = run(
      .fork(1, 3), .attach(3, 2, by: 1), .setns(3, [.net: 101]), .exec(3), .setns(3, [.net: 6]),
      .setns(3, [.net: 101]))
    #expect(
      passages(run) == [
        "begin 1 in \(Self.a) opid 3 setns:net", "end 1 in \(Self.a) opid 3 setns:net",
        "begin 2 in \(Self.a) opid 3 setns:net",
      ])
  }

  @Test func `so has one that was moved into the cgroup once it was inside, and its child`() {
    let run = run(
      .fork(1, 3), .setns(3, [.net: 101]), .attach(3, 2, by: 1), .setns(3, [.net: 6]), .fork(3, 4),
      .setns(4, [.net: 101]))
    #expect(
      passages(run) == [
        "begin 1 in \(Self.a) opid 3 setns:net", "end 1 in \(Self.a) opid 3 setns:net",
        "begin 2 in \(Self.a) opid 4 setns:net",
      ])
  }

  @Test func `who is moved into another one's cgroup has come from outside there, too`() {
    let run = run(
      .fork(1, 4), .attach(4, 3), .unshare(4, [.net: 102]), .fork(1, 3), .setns(3, [.net: 101]),
      .attach(3, 3, by: 1), .setns(3, [.net: 102]))
    #expect(
      passages(run) == [
        "begin 1 in \(Self.a) opid 3 setns:net", "begin 2 in \(Self.b) opid 3 setns:net",
        "end 1 in \(Self.a) opid 3 setns:net",
      ])
  }

  @Test func `a child whose birth was lost is in its parent's session`() {
    let run = run(
      .fork(1, 3), .attach(3, 2, by: 1), .setns(3, [.net: 101]), .called(7, ppid: 3),
      .slip(7, to: 2), .late(7, [.net: 101]), .unshare(7, [.uts: 103]))
    #expect(passages(run) == ["begin 1 in \(Self.a) opid 3 setns:net"])
    #expect(run.lines.last == "create unshare uts 7: 103 <- 2 contid=\(Self.a) cses=1")
  }

  // MARK: Sessions that began before the stream did

  /// Session 3 was in container a, and task 4 in it, whose cgroup is `cgroup`. Task 2 is of a.
  private func kept(
    _ cgroup: UInt64, flags: Int32 = 0, _ steps: History.Step...
  ) -> History {
    let found: [History.Step] = [
      .host, .cgroup(2, "/lxc.payload.a"), .cgroup(3, "/lxc.payload.b"),
      .cgroup(5, "/system.slice"), .keptSession(3, in: [Self.a], flags: flags), .inside(4, 3),
      .begin, .slip(1, to: 5), .seen(1), .slip(2, to: 2), .seen(2, [.net: 101, .mnt: 110]),
      .slip(4, to: cgroup), .seen(4, [.net: 101]), .end,
    ]
    return History(containers: .cgroup, found + steps)
  }

  @Test func `a stranger of an earlier tracer is not at home, nor is its child`() {
    let run = kept(2, .fork(4, 6), .setns(6, [.net: 6]), .setns(6, [.net: 101]), .exit(4))
    #expect(
      passages(run) == [
        "resume 3 in \(Self.a) opid 4 setns:net", "begin 4 in \(Self.a) opid 6 setns:net",
        "end 3 in \(Self.a) opid 4 exit",
      ])
  }

  @Test func `the first process of a container that no tracer saw start lives there`() {
    let run = kept(3, flags: NST_SESSION_SETTING_UP, .fork(4, 6), .exit(4), .exec(6))
    #expect(
      passages(run) == [
        "resume 3 in \(Self.a) opid 4 setns:net", "end 3 in \(Self.a) opid 6 exec",
      ])
  }

  @Test func `a visitor from another container does not live there by an exec`() {
    #expect(passages(kept(3, .exec(4))) == ["resume 3 in \(Self.a) opid 4 setns:net"])
  }

  @Test func `nor does a stranger, whatever the keeper says`() {
    let run = kept(2, flags: NST_SESSION_SETTING_UP, .exec(4))
    #expect(passages(run) == ["resume 3 in \(Self.a) opid 4 setns:net"])
  }

  @Test func `a keeper gets whether a container is being set up`() {
    let setUp = run(.fork(1, 3), .attach(3, 3, by: 1), .setns(3, [.net: 101]))
    #expect(setUp.state.sessionsInUse.sessions.map(\.record.flags) == [2])
    let visit = run(.fork(1, 3), .setns(3, [.net: 101]))
    #expect(visit.state.sessionsInUse.sessions.map(\.record.flags) == [0])
  }

  // MARK: A pod's containers

  /// Task 4 is the first of container b, which shares a's net, once its program is executed.
  private func pod(_ steps: History.Step...) -> History {
    let shared: [History.Step] = [
      .fork(1, 3), .attach(3, 3, by: 1), .setns(3, [.net: 101]), .fork(3, 4), .exit(3),
      .unshare(4, [.mnt: 120]), .exec(4),
    ]
    return History(containers: .cgroup, Self.start + shared + steps)
  }

  @Test func `the first process of a container is no visitor once its program is executed`() {
    let run = pod(.fork(4, 5), .unshare(5, [.uts: 130]))
    #expect(
      passages(run) == [
        "begin 1 in \(Self.a) opid 3 setns:net", "end 1 in \(Self.a) opid 4 exec",
      ])
    #expect(run.events.last?.records.map(\.session) == [0])
  }

  @Test func `then it lives in what it shares`() {
    let run = pod(.fork(1, 6), .setns(6, [.net: 101]))
    let both = [Self.a, Self.b].sorted().joined(separator: ",")
    #expect(passages(run).last == "begin 2 in \(both) opid 6 setns:net")
  }

  @Test func `what a container's program enters later it leaves by no exec`() {
    let run = pod(.setns(4, [.mnt: 110]), .exec(4))
    #expect(passages(run).last == "begin 2 in \(Self.a) opid 4 setns:mnt")
  }

  @Test func `who came in before it was the first of a container is not at home by an exec`() {
    let run = run(.fork(1, 3), .setns(3, [.net: 101]), .attach(3, 3, by: 1), .exec(3))
    #expect(passages(run) == ["begin 1 in \(Self.a) opid 3 setns:net"])
  }
}
