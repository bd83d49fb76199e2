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

// MARK: - From before the stream began

extension WriteOnceTests {
  private func run(
    keeping stain: History.Step, under policy: any ContainerPolicy = WriteOncePolicy(),
    _ steps: History.Step...
  ) -> History {
    History(under: policy, [.host, stain, .snapshot(1, 2, 3, 8, 9)] + steps)
  }

  @Test func `"Once you are stained with it you can not escape": nor by the tracer's end`() {
    let run = run(
      keeping: .stain(.net, 101, "5"), .setns(3, [.net: 101]), .register(3, "6"),
      .register(8, "5"))
    #expect(
      run.lines == [
        "create setns net 3: 101 <- 6 cses=1 ns-contid=5", "set 6 opid 3 <- -1 EEXIST",
        "set 5 opid 8 <- -1 ENOTUNIQ",
      ])
  }

  @Test func `a container that goes on stains its namespaces no second time`() {
    let run = History(
      under: WriteOncePolicy(),
      [
        .host, .carrying(2, 4), .kept(4, "5"), .stain(.net, 101, "5", nsid: 7),
        .begin, .seen(1), .seen(2, [.net: 101], nsid: 7), .seen(3), .end, .fork(2, 4),
        .setns(3, [.net: 101], nsid: 7), .exit(2), .exit(4),
      ])
    #expect(
      run.lines == ["change setns net 3: 101#7 <- 6 cses=1 ns-contid=5", "drop -1 opid 4 <- 5"])
  }

  @Test func `what the first snapshot finds in the number is the same with ns_id alone`() {
    // Task 2 is in it from outside, so it has session 1.
    let ends = [(UInt64(7), "101#7 <- 6 cses=2 ns-contid=5"), (0, "101 <- 6")]
    for (nsid, end) in ends {
      let run = History(
        under: WriteOncePolicy(),
        [
          .host(NST_HOOK_FREED), .stain(.net, 101, "5", nsid: nsid),
          .begin, .seen(1), .seen(2, [.net: 101], nsid: nsid), .seen(3), .end,
          .setns(3, [.net: 101], nsid: nsid),
        ])
      #expect(run.lines == ["change setns net 3: \(end)"])
    }
  }

  @Test func `a new namespace with the number has none`() {
    let run = run(
      keeping: .stain(.net, 101, "5"), .unshare(2, [.net: 101]), .register(3, "5"))
    #expect(run.lines == ["create unshare net 2: 101 <- 6", "set 5 opid 3 <- -1"])
  }

  @Test func `it ends when the namespace does`() {
    let run = run(
      keeping: .stain(.net, 101, "5"), .pinned(.net, 101, NST_ANSWER_NO), .register(3, "5"))
    #expect(run.lines == ["set 5 opid 3 <- -1"])
  }

  @Test(arguments: ["18446744073709551615", "5"])
  func `what is said of no ID, or of the host's namespace, or too late, is passed over`(
    _ id: String
  ) {
    let host = NamespacePlace.initial[.net].inum
    let run = run(
      keeping: .stain(.net, id == "5" ? host : 101, id), .stain(.net, 102, "7"),
      .setns(3, [.net: 102]), .setns(2, [.net: 101]), .register(3, "5"))
    #expect(
      run.lines == [
        "create setns net 3: 102 <- 6", "create setns net 2: 101 <- 6",
        "change assign net 3: 102 <- 102 contid=5", "set 5 opid 3 <- -1",
      ])
  }

  @Test func `no other policy has stains`() {
    let run = run(
      keeping: .stain(.net, 101, "5"), under: RFCPolicy(), .setns(3, [.net: 101]),
      .register(3, "5"))
    #expect(
      run.lines == [
        "create setns net 3: 101 <- 6", "change assign net 3: 101 <- 101 contid=5",
        "set 5 opid 3 <- -1",
      ])
  }
}
