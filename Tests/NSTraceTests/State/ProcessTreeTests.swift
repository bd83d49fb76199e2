// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Whose records `-p` and `run` show.
@Suite struct ProcessTreeTests {
  /// Keeps the lines of the selected events.
  private struct Selected: AuditEventSink {
    var filter: TreeFilter
    var lines: [String] = []

    init(_ tree: NSTrace.ProcessTree) { filter = TreeFilter(tree) }

    mutating func write(_ event: borrowing AuditEvent) {
      var event = copy event
      guard filter.reduce(&event) else { return }
      if let lost = event.lost { lines.append("lost \(lost.count)") }
      lines += event.namespaces.map {
        "\($0.verb) \($0.opid): \($0.namespace?.inum ?? 0)"
      }
    }
  }

  private static func select(
    _ processes: Set<UInt32>, hasDescendants: Bool = true, _ steps: [History.Step]
  ) throws -> (tree: NSTrace.ProcessTree, lines: [String]) {
    let tree = NSTrace.ProcessTree(of: processes, hasDescendants: hasDescendants)
    var pipeline = Pipeline(
      from: MemorySource(History([.host] + steps).steps), to: Selected(tree))
    pipeline.taps = [tree]
    try pipeline.run()
    return (tree, pipeline.sink.lines)
  }

  @Test func `all descendants belong to it, also those whose parent has ended`() throws {
    let (tree, lines) = try Self.select(
      [2],
      [
        .snapshot(1, 2, 3), .fork(2, 20), .fork(20, 200), .exit(20), .thread(200, 201),
        .unshare(201, [.uts: 1000]), .fork(3, 30), .unshare(30, [.net: 2000]), .exit(2),
        .exit(201), .exit(30),
      ])
    #expect(lines == ["create 201: 1000", "destroy 201: 1000"])
    #expect(!tree.hasEnded)
  }

  @Test func `it has ended with its last task`() throws {
    let steps: [History.Step] = [
      .snapshot(1, 2), .fork(2, 20), .exit(2), .unshare(20, [.uts: 1000]), .exit(20), .fork(1, 4),
    ]
    let (tree, lines) = try Self.select([2], steps)
    #expect(lines == ["create 20: 1000", "destroy 20: 1000"])
    #expect(tree.hasEnded && tree.unseen.isEmpty)
  }

  @Test func `without descendants it is the process and its threads`() throws {
    let (_, lines) = try Self.select(
      [2], hasDescendants: false,
      [
        .snapshot(1, 2), .thread(2, 21), .fork(2, 20), .unshare(20, [.uts: 1000]),
        .unshare(21, [.net: 2000]), .exit(21),
      ])
    #expect(lines == ["create 21: 2000", "destroy 21: 2000"])
  }

  @Test func `a process may be born later, and the first with the number is meant`() throws {
    let (tree, lines) = try Self.select(
      [5, 6],
      [
        .snapshot(1), .fork(1, 5), .unshare(5, [.uts: 1000]), .exit(5), .fork(1, 5),
        .unshare(5, [.uts: 1001]), .exit(5),
      ])
    #expect(lines == ["create 5: 1000", "destroy 5: 1000"])
    #expect(tree.unseen == [6] && !tree.hasEnded)
  }

  @Test func `the end of its namespace is told, whoever leaves it last`() throws {
    let (_, lines) = try Self.select(
      [2],
      [
        .snapshot(1, 2, 3), .unshare(2, [.uts: 1000]), .unshare(3, [.net: 2000]),
        .setns(3, [.uts: 1000]), .exit(2), .exit(3),
      ])
    #expect(lines == ["create 2: 1000", "destroy 3: 1000"])
  }

  @Test func `children are found in a snapshot in any order, and when born during it`() throws {
    let child = History.Step { run in
      var record = nst_task()
      record.subject = run.subject(9)
      record.subject.ppid = 20
      record.set = run.task(9).place.wire
      run.append(record)
    }
    let parent = History.Step { run in
      var record = nst_task()
      record.subject = run.subject(20)
      record.subject.ppid = 2
      record.set = run.task(20).place.wire
      run.append(record)
    }
    let (_, lines) = try Self.select(
      [2],
      [
        .begin, child, .seen(1), .seen(2), parent, .fork(9, 10), .fork(1, 11), .end,
        .unshare(9, [.uts: 1000]), .unshare(10, [.uts: 1001]), .unshare(11, [.uts: 1002]),
      ])
    #expect(lines == ["create 9: 1000", "create 10: 1001"])
  }

  @Test func `after a loss a snapshot shows who has ended`() throws {
    let steps: [History.Step] = [
      .snapshot(1, 2), .fork(2, 20), .fork(2, 21), .lost(3), .snapshot(1, 21), .fork(1, 2),
    ]
    let (tree, lines) = try Self.select([2], steps)
    // Before the snapshot and behind it.
    #expect(lines == ["lost 3", "lost 3"])
    #expect(!tree.hasEnded)
    #expect(try Self.select([2], steps + [.exit(21)]).tree.hasEnded)
  }

  @Test func `a thread that executes a program stays in it`() throws {
    let (tree, lines) = try Self.select(
      [2],
      [
        .snapshot(1, 2), .thread(2, 21), .exit(2), .exec(2, by: 21), .unshare(2, [.uts: 1000]),
        .exit(2),
      ])
    #expect(lines == ["create 2: 1000", "destroy 2: 1000"])
    #expect(tree.hasEnded)
  }
}
