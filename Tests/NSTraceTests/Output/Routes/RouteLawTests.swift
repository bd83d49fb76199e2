// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Law 9: the copies, and what belongs to the host alone, are together the stream, by event.
@Suite struct RouteLawTests {
  /// The containers that an event names, and those around them, found without the code under test.
  private struct Oracle {
    private var around: [ContainerID: Set<ContainerID>] = [:]

    mutating func concerned(by event: AuditEvent) -> Set<ContainerID> {
      let tasks =
        [event.actorContainers, event.info?.containers ?? ContainerList()]
        + event.namespaces.filter { $0.op != .assign && $0.op != .release }.map(\.containers)
      for list in tasks + event.containers.map(\.old)
      where list.elements.dropFirst().contains(
        where: \.isParent)
      {
        for (index, element) in list.elements.enumerated() {
          around[element.id] = Set(list.elements.dropFirst(index + 1).map(\.id))
        }
      }
      var named = Set(event.containerMentions.flatMap(\.containers.elements).map(\.id))
      if let record = event.lifecycle, record.granted { named.insert(record.id) }
      return named.union(named.flatMap { around[$0] ?? [] })
    }
  }

  private static let policies: [any ContainerPolicy] = ContainerPolicies.all

  private static func check(
    _ fixture: String, _ policy: any ContainerPolicy, _ options: TrackerOptions
  ) throws -> (events: Int, copies: Int) {
    let files = try ScratchRoutes()
    let routes = try Routes(files, RouteRules(), routesAll: true)
    var pipeline = Pipeline(
      from: try DumpSource(path: Fixture.path(fixture)), to: RoutingSink(routes: routes),
      policy: policy, options: options)
    try pipeline.run()
    routes.finish()
    #expect(routes.missing == 0 && routes.failure == nil)
    var copies: [ContainerID: [String]] = [:]
    for name in files.names {
      let id = try #require(ContainerID(String(name.dropLast(4))))
      copies[id] = stamps(AuditLine.all(in: try files.text(name)))
    }
    compare(pipeline.sink.events, copies)
    return (pipeline.sink.events.count, copies.values.reduce(0) { $0 + $1.count })
  }

  /// One stamp for each event, without its serial.
  private static func stamps(_ lines: [AuditLine]) -> [String] {
    lines.enumerated().filter { $0 == 0 || lines[$0 - 1].serial != $1.serial }
      .map { stamp($0.element.text) }
  }

  private static func stamp(_ line: String) -> String {
    String(line.split(separator: "(")[1].prefix { $0 != ":" })
  }

  /// Each copy has events of its own in their order, and each event of a container is in a copy.
  private static func compare(_ events: [AuditEvent], _ copies: [ContainerID: [String]]) {
    var oracle = Oracle()
    var left = copies.mapValues { $0[...] }
    for event in events where event.lost == nil {
      let stamp = stamp(AuditLineFormat().lines(of: event)[0])
      let concerned = oracle.concerned(by: event)
      var isCopied = false
      for id in concerned where left[id]?.first == stamp {
        left[id]?.removeFirst()
        isCopied = true
      }
      #expect(isCopied == !concerned.isEmpty, "event \(event.serial) of \(concerned)")
    }
    let rest = left.filter { !$0.value.isEmpty }
    #expect(rest.isEmpty, "a copy has what is not its own: \(rest)")
  }

  @Test(arguments: policies.map { "\($0.name)" }, ["containers-6.12.nsdump", "linux-6.12.nsdump"])
  func `each event of a container is in a copy, and no other is`(
    _ policy: String, _ fixture: String
  ) throws {
    let policy = try #require(Self.policies.first { "\($0.name)" == policy })
    for source in [ContainerSource.registered, .cgroup] {
      var options = TrackerOptions()
      options.containers = source
      let (events, _) = try Self.check(fixture, policy, options)
      #expect(events > 0)
    }
  }

  @Test func `the same with lifecycle events`() throws {
    var options = TrackerOptions()
    options.tellsLifecycle = true
    let (events, copies) = try Self.check("containers-6.12.nsdump", RFCPolicy(), options)
    #expect(events > copies && copies > 0)
  }
}
