// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import Testing

@testable import NSTrace

/// What containers' copies say of three nested containers, 4 in 2 in 1, and two foreign ones, 6 and
/// 7.
@Suite struct RouteCopyTests {
  private static let orchestrated = RegistrationFacts(name: "web")
  private static let steps: [History.Step] = [
    .host, .snapshot(1, 8, 9), .called(9, "runc"), .called(8, "nsenter"),
    .fork(1, 2), .fork(1, 3), .fork(1, 5),
    // Foreign, with namespaces of their own.
    .unshare(3, [.net: 301]), .register(3, "6"), .register(5, "7"), .unshare(5, [.uts: 501]),
    // Container 1 in a network namespace that its runtime made, then 2 in it, and 4 in that.
    .called(2, "init"), .unshare(2, [.net: 201]), .register(2, "1", orchestrated),
    .exec(2), .fork(2, 20), .called(20, "inner"), .unshare(20, [.mnt: 202]),
    .register(20, "2", by: 2), .fork(20, 40), .called(40, "innermost"),
    .register(40, "4", by: 20), .unshare(40, [.uts: 401]),
    // A refused registration from inside, of a foreign task.
    .register(3, "8", by: 20),
    // A foreign task comes into a namespace of container 1, and its own one ends.
    .setns(3, [.net: 201]),
    // A visitor from the host: into 4, which is inside 2 and 1; there it makes a namespace, and
    // goes.
    .setns(8, [.uts: 401]), .unshare(8, [.ipc: 801]), .exit(8),
    // A refused call of the innermost, a loss, and one of somebody's share.
    .refused(NST_OP_UNSHARE, 40, [.net]), .lost(5),
    .lost(3, flags: NST_LOST_SKIPPED),
    // Ends.
    .exit(40), .exit(20), .exit(3), .exit(2), .exit(5),
  ]

  private static func copies(_ rules: String = "") throws -> ScratchRoutes {
    let rules = try RouteRules(text: rules)
    let files = try ScratchRoutes(rules)
    let routes = try Routes(files, rules, routesAll: true)
    var pipeline = Pipeline(
      from: MemorySource(History(under: NestedPolicy(), steps).steps),
      to: RoutingSink(routes: routes), policy: NestedPolicy())
    try pipeline.run()
    routes.finish()
    #expect(routes.missing == 0 && routes.failure == nil)
    return files
  }

  /// `UPDATE_ROUTES=1` writes the expected copies again.
  private static func compare(_ copy: String, with name: String) throws {
    let expected = Repository.path("Tests/NSTraceTests/Fixtures/routes/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_ROUTES"] != nil {
      try Files.write(Array(copy.utf8), to: expected)
    }
    let text = try Files.text(expected)
    #expect(copy == text)
  }

  @Test(arguments: ["1", "2", "4", "6", "7"])
  func `a container sees itself and what is nested in it, and nothing else`(_ id: String) throws {
    let files = try Self.copies()
    #expect(files.names == ["1.log", "2.log", "4.log", "6.log", "7.log"])
    try Self.compare(files.text("\(id).log"), with: "\(id).log")
  }

  @Test(arguments: ["1", "2", "4", "6", "7"])
  func `as JSON it sees the same, and what is hidden is absent`(_ id: String) throws {
    let rules = ["1", "2", "4", "6", "7"].map { "contid=\($0) file=\($0).json format=json\n" }
    let files = try Self.copies(rules.joined())
    try Self.compare(files.text("\(id).json"), with: "\(id).json")
  }

  @Test func `no number of a task or login is in any copy, and no program`() throws {
    let files = try Self.copies()
    for name in files.names {
      for line in AuditLine.all(in: try files.text(name)) {
        for field in ["pid", "ppid", "opid", "auid", "ses", "tty", "exe", "old-ino", "old-nsid"] {
          #expect(line[field] == nil || line[field] == "?", "\(line.text)")
        }
      }
    }
  }

  @Test func `serials count the copy's own events`() throws {
    let files = try Self.copies()
    for name in files.names {
      var serials = AuditLine.all(in: try files.text(name)).map(\.serial)
      serials = serials.enumerated().filter { $0 == 0 || serials[$0 - 1] != $1 }.map(\.element)
      #expect(serials == Array(1...serials.count))
    }
  }

  @Test func `types leave out the others, and an event without any of them`() throws {
    let files = try Self.copies("contid=1 types=CONTAINER_OP,CONTAINER_SESSION\n")
    let lines = AuditLine.all(in: try files.text("1.log"))
    #expect(
      Set(lines.map(\.type)) == ["UNKNOWN[1395]", "UNKNOWN[1396]", "SYSCALL", "UNKNOWN[1397]"])
    // Only beside a loss, which is always written whole.
    let losses = lines.filter { $0.type == "UNKNOWN[1396]" }.map(\.serial)
    #expect(lines.filter { $0.type == "SYSCALL" }.map(\.serial) == losses)
    // The subject stands in the first record that is left.
    let fields = ["op", "contid", "old-contid", "cses", "how", "res", "errno"]
    func facts(_ lines: [AuditLine]) -> [[String?]] {
      lines.filter { ["UNKNOWN[1395]", "UNKNOWN[1397]"].contains($0.type) }
        .map { line in fields.map { line[$0] } }
    }
    let whole = try Self.copies().text("1.log")
    #expect(facts(lines) == facts(AuditLine.all(in: whole)))
  }
}

// MARK: - Command lines

extension RouteCopyTests {
  private static func proctitle(
    of origin: String, carrying list: String, in viewer: String
  ) -> [String] {
    var nesting = ContainerNesting()
    var event = AuditEvent.make(call: .make(), [.created()])
    event.actorContainers = ContainerList(text: list) ?? ContainerList()
    event.namespaces[0].containers = event.actorContainers
    event.programOrigin = ContainerID(origin) ?? .unset
    nesting.learn(event)
    let view = RouteView(viewer: ContainerID(viewer) ?? .unset, nesting: nesting)
    guard view.reduce(&event) else { return [] }
    return AuditLineFormat().lines(of: event).filter { $0.hasPrefix("type=PROCTITLE ") }
  }

  @Test func `a command line is shown of a program that was started inside`() {
    #expect(Self.proctitle(of: "2", carrying: "2,^1", in: "2").count == 1)
    #expect(Self.proctitle(of: "2", carrying: "2,^1", in: "1").count == 1)
    #expect(Self.proctitle(of: "1", carrying: "2,^1", in: "2") == [])
    // A runtime's, which has not started the container's program yet.
    #expect(Self.proctitle(of: "-", carrying: "2,^1", in: "2") == [])
  }

  @Test func `the tracker knows where a program was started`() throws {
    let steps: [History.Step] = [
      .host, .snapshot(1, 9), .fork(1, 2), .register(2, "1"), .unshare(2, [.uts: 201]),
      .exec(2), .unshare(2, [.uts: 202]), .fork(2, 3), .unshare(3, [.uts: 203]),
      .register(3, "2", by: 2), .unshare(3, [.uts: 204]),
    ]
    let files = try ScratchRoutes()
    var pipeline = Pipeline(
      from: MemorySource(History(under: NestedPolicy(), steps).steps),
      to: RoutingSink(routes: try Routes(files, RouteRules(), routesAll: true)),
      policy: NestedPolicy())
    try pipeline.run()
    let made = pipeline.sink.events.filter { $0.call != nil }
    #expect(made.map { "\($0.programOrigin)" } == ["-1", "1", "1", "1"])
  }
}
