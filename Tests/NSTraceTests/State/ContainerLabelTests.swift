// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What a task carries, and how it comes by it (R5).
@Suite struct ContainerLabelTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .fork(1, 2), .register(2, "5"),
  ]

  private func run(_ steps: History.Step...) -> History { History(Self.start + steps) }

  @Test func `a registered task carries its ID, nobody else does`() {
    let run = run()
    #expect([1, 2, 9].map(run.contid) == ["-1", "5", "-1"])
  }

  @Test func `children, threads and their children inherit it`() {
    let run = run(.fork(2, 3), .thread(2, 4), .fork(4, 5), .clone(5, 6, [.uts: 101]), .fork(1, 7))
    #expect([3, 4, 5, 6, 7].map(run.contid) == ["5", "5", "5", "5", "-1"])
  }

  @Test func `who takes the leader's place at exec keeps it`() {
    let run = run(.thread(2, 4), .exec(2, by: 4))
    #expect(run.tids == [1, 2, 9])
    #expect(run.contid(2) == "5")
  }

  @Test func `no call changes it`() {
    let run = run(
      .exec(2), .unshare(2, [.uts: 101]), .setns(2, [.uts: 2]), .late(2, [.net: 102]), .seen(2))
    #expect(run.contid(2) == "5")
  }

  @Test func `it ends with the task, and does not come back with the tid`() {
    let run = run(.exit(2), .fork(1, 2))
    #expect(run.contid(2) == "-1")
  }

  @Test func `a child that is told of before its parent's registration carries it`() {
    let run = History(
      .host, .snapshot(1, 9), .fork(1, 2), .number(2), .fork(2, 3), .fork(3, 4), .exit(3),
      .clone(4, 5, [.uts: 101]), .registered(2, "5"))
    #expect([2, 4, 5].map(run.contid) == ["5", "5", "5"])
    #expect(
      run.events.last?.containers.map(\.line) == [
        "set 5 opid 2 <- -1", "set 5 opid 4 <- -1", "set 5 opid 5 <- -1",
      ])
  }

  @Test(arguments: ["fork", "clone", "unshare", "exec", "snapshot"])
  func `a task whose birth was lost carries what its number was registered for`(_ way: String) {
    let fork = History.Step { run in
      let container = run.task(2).container
      run.change(3, start: 45) { $0.container = container }
    }
    let steps: [History.Step] =
      switch way {
      case "fork": [.fork(3, 4), .seen(4)]
      case "clone": [.clone(3, 4, [.uts: 101])]
      case "unshare": [.unshare(3, [.uts: 101]), .fork(3, 4)]
      case "exec": [.exec(3), .fork(3, 4)]
      default: [.begin, .seen(1), .seen(2), .seen(9), .seen(3), .end, .fork(3, 4)]
      }
    let run = History(Self.start + [fork] + steps)
    #expect(run.contid(4) == "5")
  }

  @Test func `a container that seemed to have ended goes on with a task seen late`() {
    let run = History(
      .host, .snapshot(1, 9), .fork(1, 2), .register(2, "5", .init(name: "web")),
      History.Step { $0.change(3, start: 45) { $0.container = 1 } },
      .exit(2), .lost(1), .begin, .seen(1), .seen(9), .seen(3), .end, .exit(3))
    #expect(run.contid(3) == "-1")
    let drops = run.events.flatMap(\.containers).filter { $0.verb == .drop }
    #expect(drops.map(\.line) == ["drop -1 opid 2 <- 5", "drop -1 opid 3 <- 5"])
    #expect(drops.map(\.name) == [Array("web".utf8), Array("web".utf8)])
  }

  @Test func `under nested it carries all that its number stands for`() {
    let run = History(
      under: NestedPolicy(), .host, .snapshot(1, 9), .fork(1, 2), .register(2, "5"),
      .register(2, "6"), History.Step { $0.change(3, start: 45) { $0.container = 2 } },
      .late(3, [:]))
    #expect(run.contid(3) == "6,^5")
  }

  @Test func `a number that nobody registered is no ID`() {
    let run = run(
      History.Step { $0.change(3) { $0.container = 77 } }, .unshare(3, [.uts: 101]))
    #expect(run.contid(3) == "-1")
  }

  @Test func `of more registrations than the limit the oldest are forgotten`() {
    var table = ContainerTable()
    let limit = UInt32(ContainerTable.registrationLimit)
    for number in 1...limit + 2 {
      let id = ContainerID(high: 0, low: UInt64(number))
      table.register(id, as: ContainerList([.init(id)]), number: number, name: [], owners: [])
      let wasUnused = table.discardUnused(id)
      #expect(wasUnused)
    }
    #expect(table.registrationCount == Int(limit))
    #expect(
      [1, 2, 3, limit + 2].map { table.list(ofRegistration: $0).isUnset }
        == [true, true, false, false])
    #expect(table.sorted == [])
  }
}
