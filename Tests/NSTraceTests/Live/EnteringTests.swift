// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Eric Paris's question (T12): what is recorded when the host does
  /// `nsenter -t 100 -n ip link set lo up`? docs/nsenter.md shows it.
  @Suite struct EnteringTests {
    private static let id = ContainerID(high: 0, low: 100)

    /// A process in a network namespace of its own, which is container 100.
    private static func container(in trace: inout LiveTrace) throws -> ChildProcess {
      var target = try trace.start("unshare", ["-n", "cat"], input: .open)
      try target.wait(for: "the container's process") {
        try Files.text("/proc/\($0.pid)/comm") == "cat\n"
      }
      try trace.drain(until: "an empty ring") { _ in true }
      let outcome = try trace.register(UInt32(target.pid), as: id)
      #expect(outcome == .granted(id, tasks: 1))
      return target
    }

    @Test func `nsenter -n ip link set lo up: the actor unset, the namespace the container's`()
      throws
    {
      var trace = try LiveTrace.attached()
      let container = try Self.container(in: &trace)
      let inside = try #require(Files.inode("/proc/\(container.pid)/ns/net"))
      let host = try #require(Files.inode("/proc/self/ns/net"))
      var nsenter = try trace.start(
        "nsenter", ["-t", "\(container.pid)", "-n", "ip", "link", "set", "lo", "up"])
      try trace.follow(&nsenter)
      #expect(nsenter.status == .exited(0))
      // ip, which nsenter becomes, does nothing to a namespace, and the container stays.
      #expect(trace.treeEvents.map { $0.sessions.map(\.verb) } == [[.begin], [.end]])
      #expect(trace.treeEvents.last?.namespaces == [])
      let event = try #require(trace.treeEvents.first)
      #expect(event.call?.number == 308)  // setns
      #expect(event.actorContainers.isUnset)
      #expect(event.containers == [])
      let record = try #require(event.namespaces.first)
      #expect(event.namespaces.count == 1)
      #expect((record.verb, record.op, record.kind) == (.change, .setns, .net))
      #expect((record.namespace?.inum, record.old?.inum) == (inside, host))
      #expect(record.opid == UInt32(nsenter.pid))
      #expect(record.containers.isUnset)
      #expect(record.session == 1)
      #expect(record.namespaceContainers == ContainerList([.init(Self.id)]))
      #expect(event.containerMentions.map(\.containers) == [ContainerList([.init(Self.id)])])
      #expect(event.containerMentions.map(\.session) == [1])
    }

    @Test func `each that enters has a session of its own, and what it makes is recorded with it`()
      throws
    {
      var trace = try LiveTrace.attached()
      let container = try Self.container(in: &trace)
      for session in 1...2 as ClosedRange<UInt32> {
        var nsenter = try trace.start(
          "nsenter", ["-t", "\(container.pid)", "-n", "unshare", "-u", "true"])
        try trace.follow(&nsenter)
        #expect(nsenter.status == .exited(0))
        let told = trace.treeEvents.flatMap(\.namespaces).filter { $0.verb != .destroy }
        #expect(told.map(\.verb) == [.change, .create])
        #expect(told.map(\.session) == [session, session])
        #expect(told.filter { !$0.containers.isUnset } == [])
      }
    }
  }
}
