// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The tasks of containers: who came from whom, and who is there from outside.
@Suite struct ContainerTreeTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .register(2, "5"),
  ]

  private func tree(_ steps: History.Step...) -> [String] {
    History(Self.start + steps).tree.lines
  }

  @Test func `a process stands below who forked it`() {
    #expect(
      tree(.fork(2, 14), .fork(14, 15), .fork(2, 16), .fork(14, 17)) == [
        "container 5", " 2", "  14", "   15", "   17", "  16",
      ])
  }

  @Test func `threads stand below their leader, and what they fork below the process`() {
    #expect(
      tree(.fork(2, 14), .thread(14, 15), .fork(15, 16)) == [
        "container 5", " 2", "  14", "   15", "   16",
      ])
  }

  @Test func `an orphan stands at the margin, for nobody says who has it now`() {
    #expect(tree(.fork(2, 14), .fork(14, 15), .exit(14)) == ["container 5", " 2", " 15"])
  }

  @Test func `who has been given the parent's tid since is no parent`() {
    #expect(
      tree(.fork(2, 14), .fork(14, 15), .exit(14), .fork(2, 14)) == [
        "container 5", " 2", "  14", " 15",
      ])
  }

  @Test func `an orphan's own report says whose it is now`() {
    #expect(
      tree(.fork(2, 14), .fork(14, 15), .exit(14), .called(15, ppid: 2), .exec(15)) == [
        "container 5", " 2", "  15",
      ])
  }

  @Test func `the parent as reported is told where it is outside of the container`() throws {
    let run = History(Self.start + [.called(2, ppid: 1), .exec(2), .fork(2, 14)])
    let tasks = try #require(run.tree.nodes.first).tasks
    #expect(tasks.map(\.ppid) == [1, 2])
    #expect(tasks.map(\.depth) == [0, 1])
  }

  @Test func `who entered from outside is a visitor, and so are its children`() {
    #expect(
      tree(.fork(1, 14), .setns(14, [.net: 101]), .fork(14, 15)) == [
        "container 5", " 2", "14 in net 101 of [5]", "15 in net 101 of [5]",
      ])
  }

  @Test func `the host's namespaces make no visitors`() {
    #expect(tree(.fork(1, 14), .unshare(14, [.net: 102])) == ["container 5", " 2"])
  }

  @Test func `a namespace that is held for children makes a visitor`() {
    #expect(
      tree(.unshare(2, [.pidChildren: 103]), .fork(1, 14), .setns(14, [.pidChildren: 103])) == [
        "container 5", " 2", "14 in pid 103 of [5]",
      ])
  }

  /// As deep as it goes, and no call stack of ours with it.
  @Test func `a long line of descendants is shown whole`() {
    let steps = (10..<3_000).map { History.Step.fork($0 == 10 ? 2 : $0 - 1, $0) }
    let tasks = History(Self.start + steps).tree.nodes.first?.tasks ?? []
    #expect(tasks.map(\.depth) == Array(0...2_990))
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `whatever the stream says, each task of a container is shown once`(_ seed: UInt64) {
    var stream = HostileStream(seed: seed)
    var tracker = Tracker(sink: CollectingSink())
    for _ in 0..<2_000 {
      stream.next().deliver(to: &tracker)
      let tree = ContainerTree(tracker.state)
      #expect(tree.nodes.map(\.container.id).sorted() == tracker.state.containers.sorted)
      for node in tree.nodes {
        let tids = tracker.state.tasks.sorted.map(\.tid).filter {
          tracker.state.containers(of: $0).elements.contains {
            $0.id == node.container.id && !$0.isParent
          }
        }
        #expect(node.tasks.map(\.tid).sorted() == tids)
      }
    }
  }
}
