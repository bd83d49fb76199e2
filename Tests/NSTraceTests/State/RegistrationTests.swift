// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace

/// Who may be put into which container, and what is said of it (R2, R3, R6, R11).
@Suite struct RegistrationTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History { History(Self.start + steps) }

  // MARK: Refusals

  /// Everything that speaks against a registration, one reason fewer from line to line.
  private static let reasons:
    [(facts: RegistrationFacts, id: String, caller: UInt32, name: String)] = {
      var facts = RegistrationFacts(
        family: [3], isCapable: false, isMalformed: true, isFound: false, hasNumber: false)
      var rows: [(RegistrationFacts, String, UInt32, String)] = [(facts, "7", 2, "EINVAL")]
      facts.isMalformed = false
      rows.append((facts, "18446744073709551615", 2, "EINVAL"))
      rows.append((facts, "7", 2, "EPERM"))
      facts.isCapable = true
      rows.append((facts, "7", 2, "ESRCH"))
      facts.isFound = true
      rows.append((facts, "7", 2, "EBUSY"))
      facts.family = []
      rows.append((facts, "7", 2, "EXDEV"))
      rows.append((facts, "7", 9, "EEXIST"))
      return rows
    }()

  @Test(arguments: 0..<reasons.count)
  func `of several reasons the first in the order of the contract is given`(_ index: Int) {
    let (facts, id, caller, name) = Self.reasons[index]
    // 2 is in container 5, and 7 is another owner's.
    let run = run(
      .register(2, "5", by: 9), .register(3, "7", by: 8), .register(2, id, by: caller, facts))
    #expect(run.events.last?.containers.map(\.line) == ["set \(id) opid 2 <- 5 \(name)"])
    #expect([2, 3].map(run.contid) == ["5", "7"])
    #expect(run.state.containers.sorted.map(\.description) == ["5", "7"])
  }

  @Test func `an ID that belongs to another owner is refused last`() {
    let run = run(.register(2, "5", by: 9), .register(3, "5", by: 8, .init(hasNumber: false)))
    #expect(run.events.last?.containers.map(\.line) == ["set 5 opid 3 <- -1 ENOTUNIQ"])
    #expect(run.contid(3) == "-1")
  }

  @Test func `what the kernel side could not do is a refusal`() {
    let run = run(.register(2, "5", .init(result: -EBUSY, hasNumber: false)))
    #expect(run.lines == ["set 5 opid 2 <- -1 EBUSY"])
    #expect(run.contid(2) == "-1")
    #expect(run.state.containers.sorted == [])
  }

  @Test(arguments: [Int32.min, -4096, -999, 1, .max])
  func `a result that is no errno of ours is a refusal too`(_ result: Int32) {
    let run = run(.register(2, "5", .init(result: result, hasNumber: false)))
    #expect(run.lines == ["set 5 opid 2 <- -1 EIO"])
  }

  @Test func `a refused registration tells no namespaces`() {
    let run = run(.register(2, "5", .init(isCapable: false, hasNumber: false)))
    #expect(run.events.map(\.info) == [nil])
  }

  // MARK: Grants

  @Test func `a registration tells all namespaces of its target`() throws {
    let run = run(.unshare(2, [.uts: 101]), .register(2, "5", .init(name: "web")))
    let event = try #require(run.events.last)
    let info = try #require(event.info)
    #expect(info.tid == 2)
    #expect(info.containers.description == "5")
    #expect(info.namespaces == NamespacePlace.initial.with([.uts: 101]).ids)
    #expect(event.containers.map(\.name) == [Array("web".utf8)])
    #expect(event.actor == 9)
  }

  @Test func `the owner may put a second process into its container`() {
    let run = run(.register(2, "5"), .register(3, "5"))
    #expect([2, 3].map(run.contid) == ["5", "5"])
  }

  @Test func `once the owner is gone, so may others`() {
    let run = run(.register(2, "5"), .exit(9), .register(3, "5", by: 8))
    #expect(run.contid(3) == "5")
  }

  @Test func `another task under the owner's tid is not the owner`() {
    let run = History(
      under: WriteOncePolicy(),
      Self.start + [.register(2, "5"), .exit(9), .fork(1, 9), .register(3, "5", by: 9)])
    #expect(run.contid(3) == "-1")
    let kernel = History(
      under: KernelV11Policy(),
      Self.start + [.register(2, "5"), .exit(9), .fork(1, 9), .register(3, "5", by: 9)])
    #expect(kernel.lines.last == "set 5 opid 3 <- -1 ENOTUNIQ")
  }

  @Test func `all of a family are moved under one serial, a record for each`() {
    let run = run(
      .thread(2, 4), .fork(4, 5),
      .register(2, "5", .init(family: [4, 5], includesDescendants: true)))
    #expect(
      run.events.map(\.lines) == [
        ["set 5 opid 2 <- -1", "set 5 opid 4 <- -1", "set 5 opid 5 <- -1"]
      ])
    #expect([2, 4, 5].map(run.contid) == ["5", "5", "5"])
  }

  @Test func `a descendant in a container of its own stays there`() {
    let run = run(
      .fork(2, 4), .register(4, "6"),
      .register(2, "5", .init(family: [4], includesDescendants: true)))
    #expect([2, 4].map(run.contid) == ["5", "6"])
    #expect(run.events.last?.lines == ["set 5 opid 2 <- -1"])
  }

  @Test func `a target that has gone leaves no container behind`() {
    let run = run(.exit(2), .register(2, "5"))
    #expect(run.lines == ["set 5 opid 2 <- -1", "drop -1 opid 2 <- 5"])
    #expect(run.state.containers.sorted == [])
  }

  @Test func `a member that another task has followed under its tid is not reached`() {
    let run = run(
      .exit(2), .fork(1, 2), History.Step { $0.change(2, start: 7) { _ in } },
      .register(2, "5", .init(hasNumber: false)))
    #expect(run.tids == [1, 2, 3, 8, 9])
    #expect(run.contid(2) == "-1")
    #expect(run.lines == ["set 5 opid 2 <- -1", "drop -1 opid 2 <- 5"])
    #expect(run.events.map(\.info) == [nil])
  }

  // MARK: Ends

  @Test func `the exit of the last task ends a container`() {
    let run = run(
      .register(2, "5", .init(name: "web")), .fork(2, 4), .exit(2), .fork(4, 5), .exit(4), .exit(5))
    #expect(run.lines == ["set 5 opid 2 <- -1", "drop -1 opid 5 <- 5"])
    #expect(run.events.last?.containers.map(\.name) == [Array("web".utf8)])
    #expect(run.state.containers.sorted == [])
  }

  @Test func `a snapshot without its last task ends a container`() {
    let run = run(.register(2, "5"), .lost(1), .snapshot(1, 3, 8, 9))
    #expect(
      run.lines.suffix(2) == ["drop -1 opid 2 <- 5", "lost 1 all resynced"])
  }

  @Test func `another task under the last one's tid ends a container`() {
    let run = run(.register(2, "5"), .fork(1, 2))
    #expect(run.lines.last == "drop -1 opid 2 <- 5")
  }

  @Test func `a container is there until the last of its namespaces' sets is gone`() {
    let run = run(.register(2, "5"), .fork(2, 4), .unshare(4, [.uts: 101]), .exit(2), .exit(4))
    #expect(
      run.events.suffix(2).map(\.lines) == [
        ["create unshare uts 4: 101 <- 2 contid=5"],
        ["destroy exit uts 4: 101 contid=5", "drop -1 opid 4 <- 5"],
      ])
  }

  /// Found by the oracle: the end of 2, and the birth of another 2, were lost.
  @Test func `a child carries what its number says, whoever had its parent's tid`() {
    let anotherTwo = History.Step { run in run.change(2) { $0.container = 0 } }
    let run = History(.snapshot(1, 2, 9), .register(2, "7"), anotherTwo, .fork(2, 3))
    #expect(run.contid(2) == "7")
    #expect(run.contid(3) == "-1")
    let oneOfEight = History.Step { run in run.change(2) { $0.container = 2 } }
    let other = History(
      .snapshot(1, 2, 4, 9), .register(2, "7"), .register(4, "8"), oneOfEight, .fork(2, 3))
    #expect(other.contid(3) == "8")
  }

  /// Found by the oracle: the birth of 3, a child of 2, was lost, and no snapshot has seen it yet.
  @Test func `a target that was not seen yet carries what its number says`() {
    let born = History.Step { run in run.change(3, start: 15) { $0.container = 1 } }
    let facts = RegistrationFacts(hasNumber: false, carried: 1)
    let run = History(
      .snapshot(1, 2, 9), .register(2, "7"), born, .register(3, "8", facts))
    #expect(run.events.last?.containers.map(\.line) == ["set 8 opid 3 <- 7 EEXIST"])
  }

  @Test func `an ID that has been dropped may be registered again`() {
    let run = run(.register(2, "5", by: 9), .exit(2), .register(3, "5", by: 8))
    #expect(run.contid(3) == "5")
  }

  // MARK: Bounds

  @Test func `members without a registration are not those of the next`() {
    let run = run(.member(3, isTarget: false), .member(3, isTarget: true), .register(2, "5"))
    #expect([2, 3].map(run.contid) == ["5", "-1"])
  }

  @Test func `members without a registration do not gather for ever`() {
    var tracker = Tracker(sink: CollectingSink())
    #expect(tracker.memberLimit == 4_194_304)
    tracker.memberLimit = 100
    for _ in 0...100 { tracker.member(nst_member()) }
    #expect(tracker.members.count == 1)
  }

  @Test(arguments: ["nested", "tags"])
  func `a task carries no more IDs than the limit`(_ name: String) throws {
    let policy = try #require(ContainerPolicies.named(name))
    let steps = (1...ContainerList.limit + 1).map { History.Step.register(2, "\($0)") }
    let run = History(under: policy, Self.start + steps)
    #expect(run.state.containers(of: 2).elements.count == ContainerList.limit)
    #expect(run.lines.last?.hasSuffix("EEXIST") == true)
  }
}
