// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What is told of containers to those who ask.
@Suite struct ContainerSummaryTests {
  /// Tasks 2 and 3 in namespaces of their own, 2 in container 5 since the fifth step.
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .clone(1, 3, [.net: 102]), .register(2, "5"),
  ]

  private func run(
    under policy: any ContainerPolicy = RFCPolicy(), _ steps: History.Step...
  ) -> History { History(under: policy, Self.start + steps) }

  @Test func `without a registration there is nothing`() {
    let run = History(.host, .snapshot(1, 9), .clone(1, 2, [.net: 101]))
    #expect(run.containers == [])
    #expect(run.tree.lines == [])
  }

  @Test func `a container is told of by ID, name, time, tasks and namespaces`() throws {
    let run = History(
      Self.start.dropLast() + [
        .register(2, "5", RegistrationFacts(name: "web")), .fork(2, 4), .fork(2, 6), .exit(4),
      ])
    let summary = try #require(run.containers.first)
    #expect(run.containers.count == 1)
    #expect(summary.id == ContainerID(high: 0, low: 5))
    #expect(summary.name == Array("web".utf8))
    #expect(summary.sinceNs == 50)
    #expect(summary.tasks == 2)
    #expect(summary.parents == [])
    #expect(summary.namespaces.map(\.namespace.kind) == NamespaceKind.allCases)
    #expect(summary.namespaces.filter { !$0.isHosts }.map(\.text) == ["net 101 of [5]"])
    #expect(summary.namespaces.filter(\.isHosts).allSatisfy { $0.containers == [] })
  }

  @Test func `its time stays that of its first task`() {
    let run = run(
      .fork(2, 4), .exit(2), .register(3, "6"), .setns(4, [.net: 102]), .unshare(4, [.net: 103]))
    #expect(run.containers.map(\.sinceNs) == [50, 80])
  }

  @Test func `one that ended and comes again is a new one`() {
    let run = run(.exit(2), .register(3, "5"))
    #expect(run.containers.map(\.sinceNs) == [70])
  }

  @Test func `an automatic container is as old as its first task`() {
    let run = History(
      under: AutomaticPolicy(), .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .fork(2, 3))
    #expect(run.containers.map(\.sinceNs) == [30])
    #expect(run.containers.map(\.tasks) == [2])
  }

  @Test func `one that was there before is as old as its oldest task`() {
    let found = History(
      containers: .cgroup, .host, .slip(12, to: 7), .slip(15, to: 7), .slip(13, to: 7), .begin,
      .cgroup(7, "/lxc.payload.web"), .seen(12, [:], start: 5), .seen(13, [:], start: 2),
      .seen(15, [.net: 101], start: 3), .end, .fork(12, 16), .exit(13))
    #expect(found.containers.map(\.sinceNs) == [2])
    // In v1, too, where it is told apart.
    let v1 = History(
      containers: .cgroup, .host, .begin, .cgroup(7, "/lxc.payload.web", hierarchy: 4),
      .seenInV1(13, 7), .seenInV1(12, 7), .end)
    #expect(v1.containers.map(\.sinceNs) == [2])
    // One that begins later is not as old as its first task.
    let moved = History(
      containers: .cgroup, .host, .snapshot(1, 12), .cgroup(7, "/lxc.payload.web"), .attach(12, 7))
    #expect(moved.containers.map(\.sinceNs) == [40])
  }

  @Test func `a namespace is shared with those that use it too`() {
    let run = run(.register(3, "6"), .fork(3, 4), .setns(4, [.net: 101]))
    #expect(
      run.containers.map { $0.namespaces.filter { !$0.isHosts }.map(\.text) } == [
        ["net 101 of [5, 6]"], ["net 101 of [5, 6]", "net 102 of [6]"],
      ])
  }

  @Test func `no_new_privs holds when all tasks have it and is unknown when one says nothing`() {
    let facts: [(Bool?, [History.Step])] = [
      (false, []),
      (true, [.called(2, hasNoNewPrivs: true), .exec(2)]),
      (true, [.called(2, hasNoNewPrivs: true), .exec(2), .fork(2, 4)]),
      (false, [.fork(2, 4), .called(2, hasNoNewPrivs: true), .exec(2)]),
      (true, [.fork(2, 4), .called(2, hasNoNewPrivs: true), .exec(2), .exit(4)]),
    ]
    for (has, steps) in facts {
      let start = Self.start + [.exec(2)]
      #expect(History(start + steps).containers.map(\.hasNoNewPrivs) == [has])
    }
    // Born to nobody that is known: all that is known of it is its number.
    let born = [History.Step { $0.change(77) { $0.container = 1 } }, .fork(77, 4)]
    let has = [History.Step.called(2, hasNoNewPrivs: true), .exec(2)]
    #expect(History(Self.start + has + born).containers.map(\.tasks) == [2])
    #expect(History(Self.start + has + born).containers.map(\.hasNoNewPrivs) == [nil])
    #expect(History(Self.start + [.exec(2)] + born).containers.map(\.hasNoNewPrivs) == [false])
  }

  @Test func `nested containers know whom they are in, and count for them`() {
    let run = run(
      under: NestedPolicy(), .fork(2, 4), .register(4, "6"), .fork(4, 7), .register(7, "8"))
    #expect(
      run.containers.map { "\($0.id) \($0.parents) \($0.tasks)" } == [
        "5 [] 3", "6 [5] 2", "8 [6, 5] 1",
      ])
    #expect(
      run.tree.lines == [
        "container 5", " 2", " container 6", "  4", "  container 8", "   7",
      ])
  }

  @Test func `a task with several tags stands in each of its containers`() {
    let run = run(under: TagsPolicy(), .register(2, "6"))
    #expect(run.tree.lines == ["container 5", " 2", "container 6", " 2"])
  }

  @Test func `containers that are each other's parents are all shown`() {
    let run = run(
      under: NestedPolicy(), .fork(2, 4), .register(4, "6"), .register(3, "6"), .fork(3, 7),
      .register(7, "5"))
    #expect(run.containers.map { "\($0.id) \($0.parents)" } == ["5 [6]", "6 [5]"])
    #expect(run.tree.lines == ["container 5", " 2", " 7", " container 6", "  3", "  4"])
  }
}
