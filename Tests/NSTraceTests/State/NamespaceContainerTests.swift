// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Which containers use a namespace, and how it changes hands (R8, R12, T12).
@Suite struct NamespaceContainerTests {
  /// Tasks 2 and 3 in namespaces of their own, 2 in container 5.
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .clone(1, 3, [.net: 102]), .register(2, "5"),
  ]

  private func run(_ steps: History.Step...) -> History { History(Self.start + steps) }

  private func last(_ steps: History.Step...) -> [String] {
    History(Self.start + steps).events.last?.lines ?? []
  }

  @Test func `a registration assigns the namespaces that the target has, but the host's`() {
    #expect(last() == ["change assign net 2: 101 <- 101 contid=5", "set 5 opid 2 <- -1"])
  }

  @Test func `who enters from outside keeps its own ID, and the namespace names its container`() {
    #expect(
      last(.fork(1, 4), .setns(4, [.net: 101])) == [
        "change setns net 4: 101 <- 6 cses=1 ns-contid=5"
      ])
  }

  @Test func `who enters from another container is told of, and assigns`() {
    #expect(
      last(.register(3, "6"), .fork(3, 4), .setns(4, [.net: 101])) == [
        "change setns net 4: 101 <- 102 contid=6 cses=1 ns-contid=5",
        "change assign net 4: 101 <- 101 contid=6 ns-contid=5",
      ])
  }

  @Test func `a namespace is given to another container by way of its sharing it`() {
    let run = run(
      .register(3, "6"), .fork(3, 4), .setns(4, [.net: 101]), .exit(2), .setns(4, [.net: 102]))
    #expect(
      run.events.suffix(2).map(\.lines) == [
        ["change release net 2: 101 <- 101 contid=5 ns-contid=6", "drop -1 opid 2 <- 5"],
        [
          "change setns net 4: 102 <- 101 contid=6 cses=1 ns-contid=6",
          "destroy setns net 4: 101 contid=6 cses=1",
        ],
      ])
  }

  @Test func `a namespace that still has tasks is released when its container has none`() {
    #expect(
      last(.fork(1, 4), .setns(4, [.net: 101]), .exit(2)) == [
        "change release net 2: 101 <- 101 contid=5", "drop -1 opid 2 <- 5",
      ])
  }

  @Test func `beside its creation and destruction nothing is assigned or released`() {
    let run = run(.unshare(2, [.uts: 103]), .exit(2))
    #expect(
      run.events.suffix(2).map(\.lines) == [
        ["create unshare uts 2: 103 <- 2 contid=5"],
        [
          "destroy exit uts 2: 103 contid=5", "destroy exit net 2: 101 contid=5",
          "drop -1 opid 2 <- 5",
        ],
      ])
  }

  @Test func `a second task of a container in a namespace changes nothing of its list`() {
    let run = run(.fork(2, 4), .clone(2, 5, [.uts: 104]), .exit(4))
    #expect(run.events.last?.lines == ["create clone uts 5: 104 <- 2 contid=5"])
    let uts = run.state.namespaces.find(NamespaceID(kind: .net, inum: 101, nsid: 0))
    #expect(uts.map { "\(run.state.list(of: $0))" } == "5")
  }

  /// As where one container has the host's network (`--network host`) and another one all but the net.
  @Test func `the host's own namespaces are nobody's, whoever uses them`() {
    let run = run(
      .register(1, "6"), .setns(3, [.net: 6]), .fork(9, 4), .unshare(4, [.timeChildren: 106]),
      .setns(4, [.timeChildren: 8]), .setns(2, [.net: 6]))
    #expect(
      run.events.suffix(4).map(\.lines) == [
        ["change setns net 3: 6 <- 102", "destroy setns net 3: 102"],
        ["create unshare time 4: 106 <- 8"],
        ["change setns time 4: 8 <- 106", "destroy setns time 4: 106"],
        ["change setns net 2: 6 <- 101 contid=5", "destroy setns net 2: 101 contid=5"],
      ])
  }

  @Test func `children's namespaces are listed too`() {
    #expect(
      last(.fork(1, 4), .unshare(4, [.pidChildren: 105]), .register(4, "7")) == [
        "change assign pid 4: 105 <- 105 contid=7", "set 7 opid 4 <- -1",
      ])
  }

  @Test func `a namespace prints no more containers than fit into a line`() {
    var state = NamespaceState()
    let net = state.namespaces.intern(NamespaceID(kind: .net, inum: 101, nsid: 0))
    for low in 1...300 as ClosedRange<UInt64> {
      state.usage.add(ContainerList([.init(ContainerID(high: 1, low: low))]), to: [net])
    }
    let list = state.list(of: net)
    #expect(list.elements.count == NamespaceState.listLimit)
    #expect(list.elements.first?.id == ContainerID(high: 1, low: 1))
    #expect(list.description.utf8.count < 8000)
  }
}
