// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace

/// Copies whose reader or file fails: each loses its own records alone, and says so.
@Suite struct RouteQueueTests {
  /// A task of container `id` makes a namespace.
  private static func event(_ serial: UInt64, of id: UInt64) -> AuditEvent {
    let list = ContainerList([.init(ContainerID(high: 0, low: id))])
    var event = AuditEvent.make(serial: serial, call: .make(), [.created()])
    event.timeNs += Int64(serial) * 1_000_000
    event.actorContainers = list
    event.namespaces[0].containers = list
    return event
  }

  /// The lines of its copy.
  private static func lines(_ serial: UInt64, of id: UInt64, as own: UInt64) -> [String] {
    var event = event(serial, of: id)
    let view = RouteView(viewer: ContainerID(high: 0, low: id), nesting: ContainerNesting())
    #expect(view.reduce(&event))
    event.serial = own
    return AuditLineFormat(spelling: .numbers(base: RecordType.defaultBase)).lines(of: event)
  }

  private static func split(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static let linesEach = lines(1, of: 7, as: 1).count

  @Test func `a stuck reader costs its own copy alone, which says so when it reads again`() throws {
    let rules = try RouteRules(text: "contid=7 socket=/run/seven\n")
    let files = try ScratchRoutes(rules)
    let routes = try Routes(files, rules, routesAll: true)
    var count: UInt64 = 0
    while routes.missing < 1000 {
      count += 1
      routes.write(Self.event(count, of: 7))
      routes.write(Self.event(count, of: 8))
      if count % 50 == 0 { routes.flush() }
    }
    routes.flush()
    #expect(routes.awaited.count == 1)
    #expect(routes.takeNotices() == [.fails(name: "/run/seven", nil)])
    let missing = routes.missing
    var read: [UInt8] = []
    while !routes.awaited.isEmpty {
      read += files.read("/run/seven")
      routes.drain()
    }
    routes.write(Self.event(count + 1, of: 7))
    routes.flush()
    read += files.read("/run/seven")
    #expect(routes.takeNotices() == [.goesOn(name: "/run/seven", leftOut: missing)])

    let lines = Self.split(read)
    let gap = try #require(lines.firstIndex { $0.hasPrefix("type=UNKNOWN[1396] ") })
    let line = try #require(AuditLine(lines[gap]))
    #expect(line["lost"] == "\(missing)" && line["cause"] == "route" && line.serial == Int(count))
    let written = count - missing / UInt64(Self.linesEach)
    #expect(
      Array(lines[..<(gap - 1)])
        == (1...written).flatMap { Self.lines($0, of: 7, as: $0) })
    #expect(Array(lines[(gap + 1)...]) == Self.lines(count + 1, of: 7, as: count + 1))
    #expect(
      try Self.split(Array(files.text("8.log").utf8))
        == (1...count).flatMap { Self.lines($0, of: 8, as: $0) })
  }

  @Test func `a stuck reader's queue is bounded`() throws {
    let rules = try RouteRules(text: "contid=7 socket=/run/seven\n")
    let files = try ScratchRoutes(rules)
    var limits = RouteLimits()
    limits.waiting = 1 << 17
    let routes = try Routes(files, rules, routesAll: true, limits)
    for serial in 1...UInt64(20_000) { routes.write(Self.event(serial, of: 7)) }
    routes.flush()
    var read = 0
    while !routes.awaited.isEmpty {
      read += files.read("/run/seven").count
      routes.drain()
    }
    // The queue, one piece more, and what the kernel keeps for the socket.
    #expect(read < 1 << 17 + 1 << 16 + 1 << 19)
  }

  @Test func `a reader that goes away ends its copy alone`() throws {
    signal(SIGPIPE, SIG_IGN)
    let rules = try RouteRules(text: "contid=7 socket=/run/seven\n")
    let files = try ScratchRoutes(rules)
    let routes = try Routes(files, rules, routesAll: true)
    files.hangUp("/run/seven")
    for serial in 1...2 as ClosedRange<UInt64> {
      routes.write(Self.event(serial, of: 7))
      routes.write(Self.event(serial, of: 8))
      routes.flush()
    }
    #expect(
      routes.takeNotices()
        == [.ends(name: "/run/seven", SystemError("write to /run/seven", errno: EPIPE))])
    #expect(routes.takeNotices() == [])
    #expect(
      try Self.split(Array(files.text("8.log").utf8))
        == (1...2).flatMap { Self.lines($0, of: 8, as: $0) })
  }

  @Test func `a file that cannot be opened costs its copy alone, and is said in it`() throws {
    let files = try ScratchRoutes()
    let routes = try Routes(files, RouteRules(), routesAll: true)
    let refusal = SystemError("open 7.log", errno: EMFILE)
    files.refusal = refusal
    for serial in 1...3 as ClosedRange<UInt64> { routes.write(Self.event(serial, of: 7)) }
    #expect(routes.missing == 3 * UInt64(Self.linesEach))
    #expect(routes.takeNotices() == [.fails(name: "7.log", refusal)])
    files.refusal = nil
    // As one that was asked for, and comes late.
    let id = ContainerID(high: 0, low: 7)
    routes.take(try files.open(id), of: id)
    routes.write(Self.event(4, of: 7))
    routes.flush()
    let lines = Self.split(Array(try files.text("7.log").utf8))
    let gap = try #require(AuditLine(lines[1]))
    #expect(gap["lost"] == "\(3 * Self.linesEach)" && gap["cause"] == "route" && gap.serial == 3)
    #expect(Array(lines[2...]) == Self.lines(4, of: 7, as: 4))
  }

  @Test func `no more files are open than is allowed, and copies stay whole`() throws {
    let files = try ScratchRoutes()
    var limits = RouteLimits()
    limits.open = 2
    let routes = try Routes(files, RouteRules(), routesAll: true, limits)
    for serial in 1...4 as ClosedRange<UInt64> {
      for id in 1...5 as ClosedRange<UInt64> { routes.write(Self.event(serial, of: id)) }
    }
    #expect(files.opened == 20)
    routes.finish()
    for id in 1...5 as ClosedRange<UInt64> {
      #expect(
        try Self.split(Array(files.text("\(id).log").utf8))
          == (1...4).flatMap { Self.lines($0, of: id, as: $0) })
    }
    #expect(routes.missing == 0)
  }

  @Test func `the file of a container that ends is closed`() throws {
    let files = try ScratchRoutes()
    let routes = try Routes(files, RouteRules(), routesAll: true)
    routes.write(Self.event(1, of: 7))
    var end = Self.event(2, of: 7)
    end.containers = [
      ContainerRecord(verb: .drop, opid: 4242, id: .unset, old: end.actorContainers)
    ]
    routes.write(end)
    // Written without a flush, because it is closed.
    #expect(try AuditLine.all(in: files.text("7.log")).last?.serial == 2)
    routes.write(Self.event(3, of: 7))
    routes.flush()
    #expect(files.opened == 2)
    #expect(try AuditLine.all(in: files.text("7.log")).last?.serial == 3)
  }

  @Test func `without a directory only rules have copies`() throws {
    let rules = try RouteRules(text: "contid=7 socket=/run/seven\n")
    let files = try ScratchRoutes(rules)
    let routes = try Routes(files, rules, routesAll: false)
    for id in 7...8 as ClosedRange<UInt64> { routes.write(Self.event(1, of: id)) }
    routes.flush()
    #expect(Self.split(files.read("/run/seven")) == Self.lines(1, of: 7, as: 1))
    #expect(files.names == [])
  }
}
