// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Many free tags (T10). The sentences are Schaufler's.
@Suite struct TagsTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: TagsPolicy(), Self.start + steps)
  }

  @Test
  func `"Any time you declare something to be a container … you slap a tag on it", whoever asks`() {
    let run = run(.register(2, "5"), .register(2, "6", by: 8), .register(3, "6"), .fork(2, 4))
    #expect([2, 3, 4].map(run.contid) == ["5,6", "6", "5,6"])
  }

  @Test func `a tag is there once`() {
    let run = run(.register(2, "5"), .register(2, "5"))
    #expect(run.lines.last == "set 5 opid 2 <- 5 EEXIST")
  }

  @Test func `a tag ends with the last that carries it`() {
    let run = run(.register(2, "5"), .register(2, "6"), .register(3, "6"), .exit(2), .exit(3))
    #expect(run.lines.suffix(2) == ["drop -1 opid 2 <- 5", "drop -1 opid 3 <- 6"])
  }
}

// MARK: - Tags that are taken on entry

extension TagsTests {
  private static let onEntry = RegistrationFacts(isTakenOnEntry: true)

  /// Task 2 makes a network, and has a tag that is taken on entry and one that is not.
  private static let tagged: [History.Step] = [
    .unshare(2, [.net: 101]), .register(2, "5", onEntry), .register(2, "6"),
  ]

  private func runTagged(_ steps: History.Step...) -> History {
    History(under: TagsPolicy(), Self.start + Self.tagged + steps)
  }

  @Test func `"Any time you … enter a namespace you slap a tag on it"`() {
    let run = runTagged(.register(3, "7"), .setns(3, [.net: 101]), .fork(3, 4))
    #expect(
      run.lines.suffix(3) == [
        "change setns net 3: 101 <- 6 contid=7,5 cses=1 ns-contid=5,6",
        "change assign net 3: 101 <- 101 contid=7 ns-contid=5,6", "set 5 opid 3 <- 7",
      ])
    #expect([3, 4].map(run.contid) == ["7,5", "7,5"])
  }

  @Test func `a tag stays on a task that leaves, and outlives its container`() {
    let run = runTagged(.setns(3, [.net: 101]), .setns(3, [.net: 6]), .exit(2))
    #expect(run.contid(3) == "5")
    #expect(run.lines.suffix(2) == ["destroy exit net 2: 101 contid=5,6", "drop -1 opid 2 <- 6"])
  }

  @Test func `who makes a namespace, is born into it or was in it before takes none`() {
    let run = run(
      .unshare(2, [.net: 101]), .setns(3, [.net: 101]), .register(2, "5", Self.onEntry),
      .unshare(3, [.uts: 102]), .fork(3, 4), .clone(3, 6, [.ipc: 103]))
    #expect([3, 4, 6].map(run.contid) == ["-1", "-1", "-1"])
  }

  @Test func `the host's namespaces give none`() {
    let run = run(
      .register(2, "5", Self.onEntry), .unshare(3, [.net: 101]), .setns(3, [.net: 6]))
    #expect(run.contid(3) == "-1")
  }

  @Test func `a task that is seen late in a namespace has entered it`() {
    let run = runTagged(.begin, .seen(1), .seen(2), .seen(12, [.net: 101]), .end)
    #expect(run.lines.last == "set 5 opid 12 <- -1")
    #expect(run.contid(12) == "5")
  }

  @Test func `before the first snapshot is complete nobody has entered`() {
    let run = History(
      under: TagsPolicy(), .host, .kept(1, "5", flags: NST_REGISTER_ON_ENTRY), .begin,
      .carrying(2, 1), .seen(2, [.net: 101]), .seen(3, [.net: 101]), .end, .fork(1, 4),
      .setns(8, [.net: 101]))
    #expect([2, 3, 8].map(run.contid) == ["5", "-1", "5"])
  }

  @Test func `a full list takes no more, and a record says so`() {
    let full = (1...32).map { History.Step.register(3, "\($0 + 100)") }
    let run = History(
      under: TagsPolicy(), Self.start + Self.tagged + full + [.setns(3, [.net: 101])])
    #expect(run.lines.last?.hasPrefix("set 5 opid 3 <- 101,102,") == true)
    #expect(run.lines.last?.hasSuffix(" EEXIST") == true)
  }

  @Test func `with its descendants a task brings their tags along`() {
    let run = runTagged(
      .fork(3, 4), .setns(4, [.net: 101]),
      .register(3, "7", .init(family: [4], includesDescendants: true)))
    #expect([3, 4].map(run.contid) == ["7", "5,7"])
  }

  @Test func `under other policies nobody takes a tag`() {
    for policy in ContainerPolicies.all where !policy.tagsEntrants {
      let run = History(under: policy, Self.start + Self.tagged + [.setns(3, [.net: 101])])
      #expect(!run.lines.contains { $0.hasPrefix("set 5 opid 3") }, "\(policy.name)")
    }
  }
}
