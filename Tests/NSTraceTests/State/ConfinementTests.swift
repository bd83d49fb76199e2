// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// L1, L3, L4: what prctl(2) and seccomp(2) do is read with the next record, and told of containers.
@Suite struct ConfinementTests {
  /// Task 2 in container 5.
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .fork(1, 2), .register(2, "5"),
  ]
  private static let filter = History.Step.confine(2, hasNoNewPrivs: true, seccomp: 2)

  private func updates(_ steps: [History.Step]) -> [String] {
    History(Self.start + steps).lines.filter { $0.hasPrefix("update") }
  }

  @Test func `each record of a task says how it is confined by then`() {
    let records: [(String, History.Step)] = [
      ("fork", .forkAsConfined(2, 4)), ("exec", .exec(2)), ("clone", .clone(2, 4, [.uts: 101])),
      ("unshare", .unshare(2, [.uts: 101])), ("attach", .attach(2, 7)), ("walk", .late(2, [:])),
      ("question", .confined(2)),
    ]
    for (name, record) in records {
      let lines = updates([Self.filter, record]).filter { $0.hasPrefix("update 5") }
      #expect(lines == ["update 5 opid 2: nnp 0->1 seccomp 0->2"], "\(name)")
      let summary = History(Self.start + [Self.filter, record]).containers[0]
      #expect(summary.hasNoNewPrivs == true && summary.seccomp == 2, "\(name)")
    }
  }

  @Test func `a fork of before 1_4 does not say it`() {
    #expect(updates([Self.filter, .fork(2, 4)]) == [])
    #expect(updates([Self.filter, .fork(2, 4), .exec(4), .exec(2)]).count == 1)
  }

  @Test func `the flag is set with the last task that lacked it and cleared with one that joins`() {
    #expect(
      updates([
        .forkAsConfined(2, 4), Self.filter, .exec(2), .exit(4), .forkAsConfined(1, 6),
        .register(6, "5"),
      ]) == [
        "update 5 opid 4: nnp 0->1 seccomp 0->2", "update 5 opid 6: nnp 1->0 seccomp 2->0",
      ])
  }

  @Test func `it is told once, and again of a container that begins anew`() {
    #expect(
      updates([
        Self.filter, .exec(2), .exec(2), .forkAsConfined(2, 4), .exit(4), .exit(2),
        .forkAsConfined(1, 6), .confine(6), .exec(6), .register(6, "5"),
      ]) == ["update 5 opid 2: nnp 0->1 seccomp 0->2", "update 5 opid 6: nnp 0->1"])
  }

  @Test func `no record takes back what a task has given up`() {
    let run = History(
      Self.start + [
        Self.filter, .exec(2), .confine(2, hasNoNewPrivs: false, seccomp: 1), .exec(2),
      ])
    #expect(run.lines.filter { $0.hasPrefix("update") }.count == 1)
    #expect(run.containers[0].hasNoNewPrivs == true && run.containers[0].seccomp == 2)
  }

  @Test func `the lowest of their modes counts`() {
    #expect(
      updates([
        .forkAsConfined(2, 4), .confine(2, hasNoNewPrivs: false, seccomp: 1), .exec(2),
        .confine(4, hasNoNewPrivs: false, seccomp: 2), .exec(4), .exit(2),
      ]) == ["update 5 opid 4: seccomp 0->1", "update 5 opid 2: seccomp 1->2"])
  }

  @Test func `a task outside of containers is told of to nobody, and to a registration`() {
    let run = History(
      .host, .snapshot(1, 9), .fork(1, 2), Self.filter, .exec(2), .register(2, "5"))
    #expect(
      run.lines == ["set 5 opid 2 <- -1", "update 5 opid 2: nnp 0->1 seccomp 0->2"])
    let info = run.events.last?.info
    #expect(info?.noNewPrivs == true && info?.seccomp == 2)
  }

  @Test func `what is there at the start is known, and not told`() {
    let run = History(
      containers: .cgroup, .host, Self.filter, .slip(2, to: 7), .begin,
      .cgroup(7, "/lxc.payload.web"), .seen(1), .seen(2), .end)
    #expect(run.lines == [])
    #expect(run.containers.map(\.hasNoNewPrivs) == [true])
    #expect(run.containers.map(\.seccomp) == [2])
  }

  // MARK: - L1: of cgroups

  /// Of tasks in no container.
  private func ofCgroups(_ steps: [History.Step]) -> [String] {
    let start: [History.Step] = [
      .host, .cgroup(7, "/a"), .cgroup(8, "/b"), .snapshot(1, 9), .fork(1, 2), .exec(2),
    ]
    return History(start + steps).lines
  }

  @Test func `of a cgroup that is no container's each record says it, too`() {
    let records: [(String, History.Step)] = [
      ("fork", .forkAsConfined(2, 4)), ("exec", .exec(2)), ("attach", .attach(2, 7)),
      ("walk", .late(2, [:])), ("question", .confined(2)),
    ]
    for (name, record) in records {
      #expect(
        ofCgroups([.attach(2, 7), Self.filter, record])
          == ["update /a opid 2: nnp 0->1 seccomp 0->2"], "\(name)")
    }
    #expect(
      ofCgroups([.attach(2, 7), Self.filter, .clone(2, 4, [.uts: 101])])
        == ["create clone uts 4: 101 <- 2", "update /a opid 4: nnp 0->1 seccomp 0->2"])
  }

  @Test func `a cgroup's flag is cleared by a task that joins and set by the last that leaves`() {
    #expect(
      ofCgroups([
        .attach(2, 7), Self.filter, .exec(2), .fork(1, 4), .attach(4, 7, by: 1), .exit(4),
      ]) == [
        "update /a opid 2: nnp 0->1 seccomp 0->2", "update /a opid 4: nnp 1->0 seccomp 2->0",
        "update /a opid 4: nnp 0->1 seccomp 0->2",
      ])
  }

  @Test func `who goes to another cgroup changes both`() {
    #expect(
      ofCgroups([
        .attach(2, 7), .forkAsConfined(2, 4), .confine(4), .exec(4), .attach(2, 8, by: 9),
        .confine(2), .exec(2),
      ]) == ["update /a opid 2: nnp 0->1", "update /b opid 2: nnp 0->1"])
  }

  @Test func `a birth into another cgroup counts there`() {
    #expect(
      ofCgroups([
        .attach(2, 7), .confine(2), .exec(2), .into(8, 2, 4, .forkAsConfined(2, 4)),
        .into(7, 1, 6, .forkAsConfined(1, 6)),
      ]) == [
        "update /a opid 2: nnp 0->1", "update /b opid 4: nnp 0->1", "update /a opid 6: nnp 1->0",
      ])
  }

  @Test func `of the root nothing is said, and nothing of a cgroup that empties`() {
    #expect(
      ofCgroups([
        .attach(2, 1), .confine(2), .exec(2), .attach(2, 7), .exit(2), .fork(1, 4), .attach(4, 7),
      ]) == ["update /a opid 2: nnp 0->1"])
  }

  @Test func `in v1 where v2 says nothing, and without a path where none is known`() {
    #expect(
      ofCgroups([
        .cgroup(9, "/c", hierarchy: 4), .attach(2, 1, v1: 9), .confine(2), .exec(2),
        .attach(2, 6),
      ]) == ["update /c opid 2: nnp 0->1", "update ? opid 2: nnp 0->1"])
  }

  @Test func `of a cgroup at the start it is known, and not told`() {
    let start: [History.Step] = [
      .host, .cgroup(7, "/a"), .confine(2), .slip(2, to: 7), .snapshot(1, 2),
    ]
    #expect(History(start).lines == [])
    #expect(
      History(start + [.fork(1, 4), .attach(4, 7)]).lines == ["update /a opid 4: nnp 1->0"])
  }

  @Test func `a container and those that it is nested in are told of apart`() {
    let run = History(
      under: NestedPolicy(),
      Self.start + [.fork(2, 4), .register(4, "6"), .confine(4, seccomp: 2), .exec(4), .exit(2)])
    #expect(
      run.lines.filter { $0.hasPrefix("update") } == [
        "update 6 opid 4: nnp 0->1 seccomp 0->2", "update 5 opid 2: nnp 0->1 seccomp 0->2",
      ])
  }
}
