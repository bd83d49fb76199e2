// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// An indelible dye (T2). The sentences are Biederman's, the first is Bottomley's.
@Suite struct WriteOnceTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: WriteOncePolicy(), Self.start + steps)
  }

  /// Task 2 makes a network and is registered.
  private static let stained: [History.Step] = [.unshare(2, [.net: 101]), .register(2, "5")]

  private func runStained(_ steps: History.Step...) -> History {
    History(under: WriteOncePolicy(), Self.start + Self.stained + steps)
  }

  @Test func `"the label should be write once (once you've set it, you can't change it)"`() {
    let run = run(.register(2, "5"), .fork(2, 4), .register(3, "5"), .register(2, "6"))
    #expect(run.lines.suffix(2) == ["set 5 opid 3 <- -1 ENOTUNIQ", "set 6 opid 2 <- 5 EEXIST"])
    #expect([2, 3, 4].map(run.contid) == ["5", "-1", "5"])
  }

  @Test func `"definitely the network namespace needs to be stained if it is appropriate"`() {
    let run = run(.register(2, "5"), .unshare(2, [.net: 101]), .setns(3, [.net: 101]))
    #expect(run.lines.last == "change setns net 3: 101 <- 6 cses=1 ns-contid=5")
  }

  @Test func `"Once you are stained with it you can not escape": not by the container's end`() {
    let run = runStained(
      .setns(3, [.net: 101]), .exit(2), .fork(1, 4), .setns(4, [.net: 101]))
    #expect(
      run.lines.suffix(2) == [
        "drop -1 opid 2 <- 5", "change setns net 4: 101 <- 6 cses=2 ns-contid=5",
      ])
  }

  @Test func `"Once you are stained with it you can not escape": nor when no task uses it`() {
    let run = runStained(.exit(2), .setns(3, [.net: 101]), .register(3, "6"))
    #expect(
      run.lines.suffix(4) == [
        "destroy exit net 2: 101 contid=5", "drop -1 opid 2 <- 5",
        "create setns net 3: 101 <- 6 cses=1 ns-contid=5", "set 6 opid 3 <- -1 EEXIST",
      ])
  }

  @Test func `a namespace has several stains, in the order in which they came`() {
    let run = runStained(
      .register(3, "6"), .setns(3, [.net: 101]), .exit(2), .exit(3), .setns(8, [.net: 101]))
    #expect(run.lines.contains("change assign net 3: 101 <- 101 contid=6 ns-contid=5"))
    #expect(!run.lines.contains { $0.hasPrefix("change release") })
    #expect(run.lines.last == "create setns net 8: 101 <- 6 cses=2 ns-contid=5,6")
  }

  @Test func `"If you don't meet all of the criteria you aren't stained": who only enters`() {
    let run = runStained(.setns(3, [.net: 101]), .fork(3, 4), .unshare(4, [.uts: 102]))
    #expect([3, 4].map(run.contid) == ["-1", "-1"])
    #expect(run.lines.last == "create unshare uts 4: 102 <- 2 cses=1")
  }

  @Test func `"If you don't meet all of the criteria you aren't stained": the host's namespaces`() {
    let run = run(.register(2, "5"), .exit(2), .register(3, "6"))
    #expect(
      run.lines == ["set 5 opid 2 <- -1", "drop -1 opid 2 <- 5", "set 6 opid 3 <- -1"])
  }
}

// MARK: - One time

extension WriteOnceTests {
  @Test
  func `"make setting the container id a one time thing for a set of processes and namespaces"`() {
    let run = runStained(.setns(3, [.net: 101]), .register(3, "6"), .exit(2), .register(3, "7"))
    #expect(
      run.lines.filter { $0.hasPrefix("set") }.suffix(2) == [
        "set 6 opid 3 <- -1 EEXIST", "set 7 opid 3 <- -1 EEXIST",
      ])
  }

  @Test func `a task that would come with the target counts, too`() {
    let run = runStained(
      .fork(3, 4), .setns(4, [.net: 101]),
      .register(3, "6", .init(family: [4], includesDescendants: true)))
    #expect(run.lines.last == "set 6 opid 3 <- -1 EEXIST")
  }

  @Test func `an ID whose stain is left is not given again`() {
    let run = runStained(
      .setns(3, [.net: 101]), .exit(2), .register(8, "5"), .exit(3),
      .register(8, "5"), .pinned(.net, 101, NST_ANSWER_YES), .register(8, "5"))
    #expect(
      run.lines.filter { $0.hasPrefix("set") }.dropFirst()
        == Array(repeating: "set 5 opid 8 <- -1 ENOTUNIQ", count: 3)[...])
  }

  @Test func `it is given again once the last namespace with its stain is gone`() {
    let run = runStained(.exit(2), .pinned(.net, 101, NST_ANSWER_NO), .register(3, "5"))
    #expect(run.lines.last == "set 5 opid 3 <- -1")
  }
}

// MARK: - Which namespace it is

extension WriteOnceTests {
  @Test func `a new namespace with the number has no stain`() {
    let run = runStained(.exit(2), .unshare(3, [.net: 101]), .register(3, "6"))
    #expect(
      run.lines.suffix(3) == [
        "create unshare net 3: 101 <- 6", "change assign net 3: 101 <- 101 contid=6",
        "set 6 opid 3 <- -1",
      ])
  }

  private func runTold(_ steps: History.Step...) -> History {
    let start: [History.Step] = [
      .host(NST_HOOK_FREED), .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
    ]
    return History(under: WriteOncePolicy(), start + Self.stained + steps)
  }

  @Test
  func `where the stream says what is freed, a namespace that is found without that is the same`() {
    let run = runTold(.exit(2), .late(3, [.net: 101]))
    #expect(run.lines.last == "create late net 3: 101 <- 6 cses=1 ns-contid=5")
    #expect(
      runTold(.exit(2), .freed(101), .late(3, [.net: 101])).lines.last
        == "create late net 3: 101 <- 6")
    #expect(
      runStained(.exit(2), .late(3, [.net: 101])).lines.last == "create late net 3: 101 <- 6")
  }

  @Test func `it is freed before its last user has reported that it left`() {
    let run = History(
      under: WriteOncePolicy(),
      Self.start + [
        .unshare(2, [.net: 101], nsid: 7), .register(2, "5"), .freed(101), .register(3, "5"),
        .exit(2), .register(3, "5"),
      ])
    #expect(
      run.lines.filter { $0.hasPrefix("set") } == [
        "set 5 opid 2 <- -1", "set 5 opid 3 <- -1 ENOTUNIQ", "set 5 opid 3 <- -1",
      ])
  }

  @Test func `what another tracer has registered stains, too`() {
    let run = run(
      .unshare(2, [.net: 101]), .carrying(2, 1), .kept(1, "5", members: [2]), .exit(2),
      .setns(3, [.net: 101]))
    #expect(run.lines.last == "create setns net 3: 101 <- 6 cses=1 ns-contid=5")
  }
}
