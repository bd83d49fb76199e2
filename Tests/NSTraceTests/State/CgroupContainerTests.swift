// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// `--containers cgroup`: IDs from the paths of cgroups (L2), and that registrations win.
@Suite struct CgroupContainerTests {
  private static let a = id("a")
  private static let b = id("b")

  private static func id(_ name: String) -> String {
    "\(ContainerID(runtimeID: Array(name.utf8)))"
  }

  /// Cgroups 2 and 3 are of containers a and b, 4 of b inside a, 5 of none.
  private static let start: [History.Step] = [
    .host, .cgroup(2, "/lxc.payload.a"), .cgroup(3, "/lxc.payload.b"),
    .cgroup(4, "/lxc.payload.a/lxc.payload.b"), .cgroup(5, "/system.slice"),
    .slip(1, to: 5), .slip(9, to: 5), .snapshot(1, 9),
  ]

  private func run(
    _ steps: History.Step..., containers: ContainerSource = .cgroup
  ) -> History {
    History(containers: containers, Self.start + steps)
  }

  private func run(_ steps: History.Step...) -> History {
    History(containers: .cgroup, Self.start + steps)
  }

  @Test func `a task that is moved into a container's cgroup joins it, by who moved it`() {
    let run = run(.fork(1, 2), .attach(2, 2, by: 9), .fork(2, 3), .exit(2), .exit(3))
    #expect(run.lines == ["set \(Self.a) opid 2 <- -1", "drop -1 opid 3 <- \(Self.a)"])
    #expect(run.events[0].actor == 9)
    #expect(
      run.events.flatMap(\.containers).map { String(decoding: $0.name, as: UTF8.self) } == [
        "a", "a",
      ])
  }

  @Test func `all threads of a process that is moved join, and nobody else does`() {
    let run = run(
      .fork(1, 2), .thread(2, 4), .thread(2, 3), .fork(2, 5), .thread(5, 6), .attachProcess(2, 2),
      .thread(2, 7), .exit(2), .attachProcess(2, 5))
    let a = Self.a
    #expect(
      run.lines == [
        "set \(a) opid 2 <- -1", "set \(a) opid 3 <- -1", "set \(a) opid 4 <- -1",
        "set -1 opid 3 <- \(a)", "set -1 opid 4 <- \(a)", "drop -1 opid 7 <- \(a)",
      ])
    #expect([3, 4, 5, 6, 7].map(run.contid) == ["-1", "-1", "-1", "-1", "-1"])
  }

  @Test func `a move of a process in one hierarchy leaves its threads in those of the other`() {
    let run = run(
      .cgroup(7, "/lxc.payload.a", hierarchy: 4), .fork(1, 2), .thread(2, 3), .attach(3, 3),
      .attachProcess(2, 5, v1: 7), .exit(2))
    #expect(
      run.lines == [
        "set \(Self.b) opid 3 <- -1", "set \(Self.a) opid 2 <- -1", "drop -1 opid 2 <- \(Self.a)",
      ])
    #expect(run.contid(3) == Self.b)
  }

  @Test func `without being asked for a cgroup is no key`() {
    let run = run(.fork(1, 2), .attach(2, 2), .unshare(2, [.net: 101]), containers: .registered)
    #expect(run.lines == ["create unshare net 2: 101 <- 6"])
    #expect(run.contid(2) == "-1")
    #expect(run.cgroup(of: 2) == "/lxc.payload.a")
  }

  @Test func `what a container makes carries its ID`() {
    let run = run(.fork(1, 2), .attach(2, 4), .unshare(2, [.net: 101]))
    #expect(
      run.lines == [
        "set \(Self.b) opid 2 <- -1",
        "create unshare net 2: 101 <- 6 contid=\(Self.b),^\(Self.a)",
      ])
  }

  @Test func `a birth into a container's cgroup makes its namespaces in the container`() {
    let run = run(
      .into(4, 1, 2, .clone(1, 2, [.net: 101])), .into(2, 2, 3, .fork(2, 3)),
      .into(5, 3, 4, .clone(3, 4, [.uts: 102])), .fork(4, 5))
    let (a, b) = (Self.a, Self.b)
    #expect(
      run.events.map(\.lines) == [
        ["create clone net 2: 101 <- 6 contid=\(b),^\(a)", "set \(b) opid 2 <- -1"],
        ["set \(a) opid 3 <- \(b),^\(a)"],
        ["create clone uts 4: 102 <- 2", "set -1 opid 4 <- \(a)"],
      ])
    #expect([2, 3, 4, 5].map(run.contid) == ["\(b),^\(a)", a, "-1", "-1"])
    #expect(run.cgroup(of: 5) == "/system.slice")
  }

  @Test func `an ATTACH of a birth that was lost is forgotten`() {
    let run = run(
      .into(2, 1, 2, .lost(1)), .into(2, 1, 3, .clock(offset: 0)), .snapshot(1, 9),
      .fork(1, 2, start: 90), .fork(1, 3, start: 100))
    #expect(run.contid(2) == "-1" && run.contid(3) == "-1")
  }

  @Test func `tasks of the first snapshot are labelled without a word`() {
    let run = History(
      containers: .cgroup, .host, .cgroup(2, "/lxc.payload.a"), .slip(1, to: 2), .snapshot(1),
      .fork(1, 2), .unshare(2, [.net: 101]))
    #expect(run.lines == ["create unshare net 2: 101 <- 6 contid=\(Self.a)"])
  }

  @Test func `a namespace changes hands with its task`() {
    let run = run(.clone(1, 2, [.net: 101]), .attach(2, 2), .attach(2, 3), .attach(2, 5))
    #expect(
      run.events.dropFirst().map(\.lines) == [
        ["change assign net 2: 101 <- 101 contid=\(Self.a)", "set \(Self.a) opid 2 <- -1"],
        [
          "change assign net 2: 101 <- 101 contid=\(Self.b)",
          "change release net 2: 101 <- 101 contid=\(Self.a) ns-contid=\(Self.b)",
          "set \(Self.b) opid 2 <- \(Self.a)", "drop -1 opid 2 <- \(Self.a)",
        ],
        [
          "change release net 2: 101 <- 101 contid=\(Self.b)", "drop -1 opid 2 <- \(Self.b)",
        ],
      ])
  }

  @Test func `a task that leaves others behind is told of, and the container goes on`() {
    let run = run(.fork(1, 2), .attach(2, 2), .fork(2, 3), .attach(3, 5), .attach(2, 5))
    #expect(
      run.lines == [
        "set \(Self.a) opid 2 <- -1", "set -1 opid 3 <- \(Self.a)",
        "drop -1 opid 2 <- \(Self.a)",
      ])
  }

  @Test func `who moves between cgroups of one container stays in it`() {
    let run = run(
      .cgroup(6, "/lxc.payload.a/system.slice"), .fork(1, 2), .attach(2, 2), .attach(2, 6))
    #expect(run.lines == ["set \(Self.a) opid 2 <- -1"])
    #expect(run.cgroup(of: 2) == "/lxc.payload.a/system.slice")
  }

  @Test func `a registration wins, then and later`() {
    let run = run(
      .fork(1, 2), .attach(2, 2), .register(2, "5"), .attach(2, 3), .attach(2, 5), .fork(2, 3))
    #expect(
      run.lines == [
        "set \(Self.a) opid 2 <- -1", "set 5 opid 2 <- \(Self.a)", "drop -1 opid 2 <- \(Self.a)",
      ])
    #expect(run.contid(2) == "5" && run.contid(3) == "5")
  }

  @Test func `a registration for the ID that the cgroup says is granted, and stays`() {
    let run = run(.fork(1, 2), .attach(2, 2), .register(2, Self.a), .attach(2, 5))
    #expect(run.lines == ["set \(Self.a) opid 2 <- -1", "set \(Self.a) opid 2 <- \(Self.a)"])
    #expect(run.contid(2) == Self.a)
  }

  @Test(arguments: ContainerPolicies.names)
  func `verdicts on registrations do not depend on cgroups`(_ name: String) throws {
    let policy = try #require(ContainerPolicies.named(name))
    let steps =
      Self.start + [
        .fork(1, 2), .attach(2, 2), .register(2, Self.a), .register(2, "6"), .fork(1, 3),
        .attach(3, 2), .register(3, Self.a), .fork(9, 4), .attach(4, 3), .register(4, "7"),
      ]
    func verdicts(_ source: ContainerSource) -> [RegistrationError?] {
      History(under: policy, containers: source, steps).events.flatMap(\.containers)
        .filter { $0.verb == .set && ($0.name.isEmpty || !$0.granted) }.map(\.refusal)
    }
    #expect(verdicts(.cgroup) == verdicts(.registered))
  }

  @Test func `a move whose record was lost is found at the next call`() {
    let run = run(.fork(1, 2), .slip(2, to: 2), .unshare(2, [.net: 101]))
    #expect(
      run.lines == [
        "create unshare net 2: 101 <- 6 contid=\(Self.a)", "set \(Self.a) opid 2 <- -1",
      ])
  }

  /// Somebody makes 70,000 cgroups in a directory of his own.
  @Test func `a flood of empty cgroups takes no container's ID from a task`() {
    let run = run(
      .cgroups(100..<70_100) { "/user.slice/\($0 % 7)/\($0)" }, .fork(1, 2), .attach(2, 2),
      .fork(1, 3), .attach(3, 100), .exec(3))
    #expect(run.contid(2) == Self.a)
    #expect(run.cgroup(of: 3) == "")
    let losses = run.events.compactMap(\.lost)
    #expect(losses.map(\.cause) == [.forgotten])
    #expect(losses.map(\.kindName.description) == ["cgroup"])
    // A quarter of the limit. Of the directories those two stay that lead to tasks.
    #expect(losses.map(\.count) == [16_383])
  }

  @Test func `a flood of empty cgroups takes none from tasks that are there`() {
    let run = run(
      .fork(1, 2), .attach(2, 2), .fork(1, 3), .attach(3, 4), .cgroups(100..<70_100) { "/\($0)" },
      .exec(2), .fork(2, 4), .exec(3))
    #expect([2, 4].map { run.contid($0) } == [Self.a, Self.a])
    #expect(run.events.compactMap(\.lost?.cause) == [.forgotten])
  }

  @Test func `a cgroup without a path changes nothing`() {
    let run = run(.fork(1, 2), .attach(2, 2), .attach(2, 99), .removed(2), .exec(2))
    #expect(run.lines == ["set \(Self.a) opid 2 <- -1"])
    #expect(run.contid(2) == Self.a)
    #expect(run.cgroup(of: 2) == "")
  }

  @Test func `a record that a snapshot has overtaken moves nobody back`() {
    let run = run(
      .fork(1, 2), .begin, .seen(1), .slip(2, to: 2), .seen(2), .seen(9),
      .at(95, .attach(2, 3)), .end)
    #expect(run.lines == ["set \(Self.a) opid 2 <- -1"])
    #expect(run.contid(2) == Self.a)
  }

  // MARK: T4: what a runtime executes in a container

  private func passages(_ run: History) -> [String] {
    run.events.flatMap(\.sessions).map(\.line)
  }

  @Test func `who is moved into a container's cgroup before entering it has a session, too`() {
    let a = Self.a
    let run = run(
      .fork(1, 2), .attach(2, 2), .unshare(2, [.net: 101]), .fork(1, 3), .attach(3, 2, by: 1),
      .setns(3, [.net: 101]), .fork(3, 4), .exit(3), .exit(4))
    #expect(
      passages(run) == ["begin 1 in \(a) opid 3 setns:net", "end 1 in \(a) opid 4 exit"])
    #expect(
      run.lines.contains("change setns net 3: 101 <- 6 contid=\(a) cses=1 ns-contid=\(a)"))
  }

  @Test func `who is born into it, and then enters, has one`() {
    let run = run(
      .fork(1, 2), .attach(2, 2), .unshare(2, [.net: 101]), .into(2, 1, 3, .fork(1, 3)),
      .setns(3, [.net: 101]))
    #expect(passages(run) == ["begin 1 in \(Self.a) opid 3 setns:net"])
  }

  @Test func `who enters first keeps the session when moved`() {
    let run = run(
      .fork(1, 2), .attach(2, 2), .unshare(2, [.net: 101]), .fork(1, 3), .setns(3, [.net: 101]),
      .attach(3, 2, by: 1), .unshare(3, [.uts: 103]), .exit(3))
    #expect(
      passages(run) == [
        "begin 1 in \(Self.a) opid 3 setns:net", "end 1 in \(Self.a) opid 3 exit",
      ])
    #expect(run.lines.contains("create unshare uts 3: 103 <- 2 contid=\(Self.a) cses=1"))
  }

  @Test func `the first of a container is at home there, with its threads and children`() {
    let run = run(
      .fork(1, 2), .thread(2, 3), .slip(3, to: 2), .attachProcess(2, 2), .unshare(2, [.net: 101]),
      .setns(3, [.net: 101]), .fork(2, 4), .unshare(4, [.net: 102]), .setns(4, [.net: 101]))
    #expect(passages(run) == [])
  }

  @Test func `whom a walk finds in it is at home`() {
    let run = run(
      .fork(1, 2), .attach(2, 2), .unshare(2, [.net: 101]), .fork(1, 3), .slip(3, to: 2), .begin,
      .seen(1), .seen(2), .seen(3), .seen(9), .end, .setns(3, [.net: 101]))
    #expect(passages(run) == ["begin 1 in \(Self.a) opid 3 setns:net"])
  }
}

/// Where v1 is in use, its hierarchy of the memory controller counts, unless v2 names a container.
@Suite struct CgroupV1Tests {
  private static let a = "\(ContainerID(runtimeID: Array("a".utf8)))"
  private static let b = "\(ContainerID(runtimeID: Array("b".utf8)))"

  private static let start: [History.Step] = [
    .host, .cgroup(2, "/lxc.payload.a", hierarchy: 4), .cgroup(2, "/lxc.payload.b"),
    .slip(1, to: 1), .snapshot(1), .fork(1, 2),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(containers: .cgroup, Self.start + steps)
  }

  @Test func `v1 says where v2 is silent, and v2 first`() {
    let run = run(.attach(2, 1, v1: 2), .attach(2, 2, v1: 2), .attach(2, 1, v1: 1))
    #expect(
      run.lines == [
        "set \(Self.a) opid 2 <- -1", "set \(Self.b) opid 2 <- \(Self.a)",
        "drop -1 opid 2 <- \(Self.a)", "drop -1 opid 2 <- \(Self.b)",
      ])
  }

  @Test func `a snapshot tells of v1 behind the task, or that it is in the root`() {
    let first = History(
      containers: .cgroup, .cgroup(2, "/lxc.payload.a", hierarchy: 4), .slip(1, to: 1), .begin,
      .seenInV1(1, 2), .end, .fork(1, 2))
    #expect(first.lines == [])
    #expect(first.contid(2) == Self.a)
    #expect(first.cgroup(of: 2) == "/lxc.payload.a")

    let again = run(.attach(2, 1, v1: 2), .begin, .seen(1), .seen(2), .end)
    #expect(again.lines == ["set \(Self.a) opid 2 <- -1", "drop -1 opid 2 <- \(Self.a)"])
    #expect(again.cgroup(of: 2) == "/")
  }

  @Test func `a task that moves unseen keeps its v1 cgroup`() {
    let run = run(.attach(2, 1, v1: 2), .late(2, [.uts: 101]))
    #expect(run.contid(2) == Self.a)
    #expect(run.cgroup(of: 2) == "/lxc.payload.a")
  }
}
