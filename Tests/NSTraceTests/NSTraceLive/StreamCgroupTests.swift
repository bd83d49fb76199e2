// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// Cgroups come before the tasks, whose records have only their ids.
@Suite struct StreamCgroupTests {
  @Test func `the ring is read after every 64 cgroups`() throws {
    let stream = ScriptedStream()
    stream.port.cgroups = (1...65).map { .named("/\($0)", $0) }
    _ = try stream.next()
    stream.happens(during: .takeCgroups, .cgroup(66, "/new"))
    stream.finds(.seen(1))
    let batches = try stream.untilLive()
    #expect(batches.map(\.count) == [0, 64, 1, 1, 0, 1, 0, 1])
    #expect(batches[2] == ["cgroup 66 /new"])
    #expect(batches[3] == ["cgroup 65 /65"])
    #expect(batches[5] == ["task 1"])
  }

  @Test func `a path that the kernel side would cut is told by its parent`() throws {
    let parent = "/" + String(repeating: "a", count: 1022 - 3)
    let stream = ScriptedStream()
    stream.port.cgroups = [
      .named(parent, 2, in: 1), .named(parent + "/b", 3, in: 2), .named(parent + "/bc", 4, in: 2),
    ]
    _ = try stream.next()
    #expect(
      try stream.next(2).last == [
        "cgroup 2 \(parent)", "cgroup 3 \(parent)/b", "cgroup 4 bc in 2",
      ])
  }

  @Test func `a walk after a loss tells the cgroups again`() throws {
    let stream = try ScriptedStream(following: 1) { $0.cgroups = [.named("/", 1)] }
    stream.port.lose(NST_KIND_CGROUP)
    #expect(
      try stream.next(4) == [[], ["lost 1 cgroup since 10", "begin"], [], ["cgroup 1 /"]])
  }
}
