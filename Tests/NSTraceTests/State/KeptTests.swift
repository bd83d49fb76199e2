// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Registrations that were granted before the stream began, or by another tracer (R5, R11).
@Suite struct KeptTests {
  @Test func `tasks have the IDs that their numbers had before`() throws {
    let run = History([
      .host, .carrying(2, 4), .kept(4, "5", name: "web"), .snapshot(1, 2, 9), .fork(2, 3),
    ])
    #expect([1, 2, 3].map(run.contid) == ["-1", "5", "5"])
    #expect(run.lines == [])
    let container = try #require(run.state.containerSummaries.first)
    #expect(container.name == Array("web".utf8))
    #expect(container.sinceNs == 7)
    #expect(container.tasks == 2)
  }

  @Test func `such a task is not registered again, and its ID stays its owner's`() {
    let run = History([
      .host, .carrying(2, 4), .kept(4, "5", owner: 9), .snapshot(1, 2, 3, 8, 9),
      .register(2, "6", by: 9, .init(hasNumber: false, carried: 4)),
      .register(3, "5", by: 8, .init(hasNumber: false)), .register(3, "5", by: 9),
    ])
    #expect(
      run.lines == [
        "set 6 opid 2 <- 5 EEXIST", "set 5 opid 3 <- -1 ENOTUNIQ", "set 5 opid 3 <- -1",
      ])
  }

  @Test func `a container that ended meanwhile is dropped late, and once`() {
    let run = History([
      .host, .carrying(2, 4), .kept(3, "8", for: 7, name: "gone"), .kept(4, "5"),
      .kept(5, "6", for: 3), .snapshot(1, 2), .snapshot(1, 2),
    ])
    #expect(run.lines == ["drop -1 opid 3 <- 6 late", "drop -1 opid 7 <- 8 late"])
    #expect(run.events.last?.containers.map(\.name) == [Array("gone".utf8)])
    #expect(run.state.containers.sorted.map(\.description) == ["5"])
    #expect(run.state.containerEnds == 2)
  }

  @Test func `one with several registrations lives while a task has one of the numbers`() {
    let run = History([
      .host, .carrying(3, 5), .kept(4, "5", for: 2, at: 7), .kept(5, "5", for: 3, at: 9),
      .snapshot(1, 3), .exit(3),
    ])
    #expect(run.lines == ["drop -1 opid 3 <- 5"])
    #expect(run.state.containers.sorted == [])
  }

  @Test func `where containers nest, the list is that of the number before and the ID`() {
    let run = History(
      under: NestedPolicy(),
      [
        .host, .carrying(2, 4), .carrying(3, 5), .kept(4, "7"), .kept(5, "8", for: 3, after: 4),
        .snapshot(1, 2, 3), .exit(2), .exit(3),
      ])
    #expect(
      run.lines == ["drop -1 opid 3 <- 8", "drop -1 opid 3 <- 7"])
  }

  /// Tasks keep the IDs that another policy has given them: none ends while they live.
  @Test(arguments: [
    (NestedPolicy() as any ContainerPolicy, "8,^7"), (RFCPolicy(), "8,^7"), (XIDPolicy(), "8,^7"),
    (TagsPolicy(), "7,8"),
  ])
  func `the IDs of the number before stay under each policy`(
    _ policy: any ContainerPolicy, _ list: String
  ) {
    let run = History(
      under: policy,
      [.host, .carrying(2, 5), .kept(4, "7"), .kept(5, "8", after: 4), .snapshot(1, 2)])
    #expect(run.contid(2) == list)
    #expect(run.lines == [])
    #expect(run.uses.living.count == 2)
  }

  @Test func `another tracer's registration reaches the tasks that have its number`() {
    let run = History([
      .host, .snapshot(1, 2, 3, 9), .carrying(2, 4), .fork(2, 5),
      .kept(4, "5", name: "web", members: [2]), .fork(2, 6),
    ])
    #expect(run.lines == ["set 5 opid 2 <- -1", "set 5 opid 5 <- -1"])
    #expect([2, 3, 5, 6].map(run.contid) == ["5", "-1", "5", "5"])
  }

  @Test func `what no registration can be is passed over`() {
    let run = History([
      .host, .carrying(2, 4), .kept(0, "5"), .kept(3, "18446744073709551615"), .kept(4, "5"),
      .kept(4, "6"), .snapshot(1, 2),
    ])
    #expect(run.contid(2) == "5")
    #expect(run.lines == [])
  }

  @Test func `under automatic IDs come from namespaces, also after a restart`() {
    let run = History(
      under: AutomaticPolicy(),
      [.host, .carrying(2, 4), .kept(4, "5"), .kept(5, "6"), .snapshot(1, 2)])
    #expect(run.contid(2) == "-1")
    #expect(run.lines == [])
    #expect(run.uses.passedOver == [4, 5])
  }

  @Test func `a registration whose list would be too long is passed over`() {
    let numbers = (1...UInt32(ContainerList.limit) + 1)
    let chain = numbers.map { History.Step.kept($0, "\(100 + $0)", after: $0 - 1) }
    let run = History(
      under: NestedPolicy(), [History.Step.host] + chain + [History.Step.snapshot(1)])
    #expect(run.uses.passedOver == [numbers.upperBound])
    #expect(run.lines.count == ContainerList.limit)
  }

  @Test func `what is in use is known by tasks, and by containers that have some`() {
    let run = History([
      .host, .carrying(2, 4), .carrying(3, 6), .kept(4, "5"), .kept(5, "6"), .snapshot(1, 2, 3),
    ])
    #expect(run.uses.living == [ContainerID(high: 0, low: 5)])
    #expect(run.uses.carried == [4, 6] && run.uses.passedOver == [])
  }
}
