// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Long lists of container IDs, which an output prints once.
@Suite struct ToldListsTests {
  private static func list(_ count: Int) -> ContainerList {
    ContainerList((1...count).map { .init(ContainerID(high: 0, low: UInt64($0))) })
  }

  /// A task enters a namespace that `count` containers use.
  private static func entering(
    _ count: Int, at serial: UInt64, _ namespace: NamespaceID = .newNet
  ) -> AuditEvent {
    var record = NamespaceRecord.changed(to: namespace)
    record.namespaceContainers = list(count)
    return .make(serial: serial, subject: nil, [record])
  }

  /// The same, whose list is in another event.
  private static func referring(
    to listed: UInt64, at serial: UInt64, _ namespace: NamespaceID = .newNet
  ) -> AuditEvent {
    var event = entering(ToldLists.fewest, at: serial, namespace)
    event.namespaces[0].namespaceContainers = ContainerList()
    event.namespaces[0].listedIn = listed
    return event
  }

  private static func text(_ events: [AuditEvent]) -> [String] {
    events.flatMap { AuditLineFormat().lines(of: $0) }
  }

  /// What a writer makes of the events.
  private static func written(_ events: [AuditEvent]) throws -> [String] {
    let scratch = try ScratchDirectory()
    let path = scratch.file("log")
    var writer = RecordWriter(AuditLineFormat(), to: try .creating(path))
    for event in events { writer.write(event) }
    writer.flush()
    return try Files.text(path).split(separator: "\n").map(String.init)
  }

  @Test func `a list is printed once, and again when it has changed`() throws {
    let lines = try Self.written([
      Self.entering(9, at: 5), Self.entering(9, at: 6), Self.entering(9, at: 7),
      Self.entering(10, at: 8), Self.entering(10, at: 9), Self.entering(9, at: 10),
    ])
    #expect(
      lines
        == Self.text([
          Self.entering(9, at: 5), Self.referring(to: 5, at: 6), Self.referring(to: 5, at: 7),
          Self.entering(10, at: 8), Self.referring(to: 8, at: 9), Self.entering(9, at: 10),
        ]))
    #expect(lines.count { $0.hasPrefix("type=CONTAINER_ID ") } == 3)
  }

  @Test func `a short list is always printed`() throws {
    let events = [Self.entering(8, at: 5), Self.entering(8, at: 6)]
    #expect(try Self.written(events) == Self.text(events))
  }

  @Test func `each namespace has its own`() throws {
    let lines = try Self.written([
      Self.entering(9, at: 5), Self.entering(9, at: 6, .newMnt), Self.entering(9, at: 7),
      Self.entering(9, at: 8, .newMnt),
    ])
    #expect(
      lines
        == Self.text([
          Self.entering(9, at: 5), Self.entering(9, at: 6, .newMnt), Self.referring(to: 5, at: 7),
          Self.referring(to: 6, at: 8, .newMnt),
        ]))
  }

  @Test func `a list is printed again after a thousand events`() throws {
    let lines = try Self.written([
      Self.entering(9, at: 5), Self.entering(9, at: 1004), Self.entering(9, at: 1005),
      Self.entering(9, at: 1006),
    ])
    #expect(
      lines
        == Self.text([
          Self.entering(9, at: 5), Self.referring(to: 5, at: 1004), Self.entering(9, at: 1005),
          Self.referring(to: 1005, at: 1006),
        ]))
  }

  @Test func `no more than so many namespaces are remembered`() throws {
    let others = (1...UInt32(ToldLists.most)).map { number in
      Self.entering(
        9, at: UInt64(number), NamespaceID(kind: .net, inum: 100 + number, nsid: UInt64(number)))
    }
    var lists = ToldLists()
    for other in others {
      var event = other
      lists.abridge(&event)
      #expect(event.namespaces == other.namespaces)
    }
    var again = others[0]
    lists.abridge(&again)
    #expect(again.namespaces[0].listedIn == 1)
    var more = Self.entering(9, at: 400)
    lists.abridge(&more)
    #expect(more.namespaces[0].listedIn == 0)
    again = others[0]
    lists.abridge(&again)
    #expect(again.namespaces == others[0].namespaces)
  }

  @Test func `another file has the list again`() throws {
    let scratch = try ScratchDirectory()
    let paths = [scratch.file("1"), scratch.file("2")]
    var writer = RecordWriter(AuditLineFormat(), to: try .creating(paths[0]))
    writer.write(Self.entering(9, at: 5))
    writer.reopen(try .creating(paths[1]))
    writer.write(Self.entering(9, at: 6))
    writer.flush()
    let text = try paths.map { try Files.text($0).split(separator: "\n").map(String.init) }
    #expect(text == [Self.text([Self.entering(9, at: 5)]), Self.text([Self.entering(9, at: 6)])])
  }

  @Test func `both formats name the event`() {
    let event = Self.referring(to: 5, at: 6)
    let audit = AuditLineFormat().lines(of: event)
    #expect(audit.count == 1 && audit[0].hasSuffix(" contid=-1 ns-contid-in=\"5\" res=1"))
    let json = JSONLinesFormat().lines(of: event)
    #expect(json.count == 1 && json[0].hasSuffix(#","contid":[],"ns_contid_in":5,"res":true}"#))
  }
}
