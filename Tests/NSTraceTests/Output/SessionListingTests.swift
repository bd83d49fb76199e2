// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What `nstrace sessions` prints, and what a tracer keeps for it.
@Suite struct SessionListingTests {
  /// Task 2 is container 5, and 4 is the host's.
  private static let start: [History.Step] = [
    .host, .clock(offset: 1_000_000_000), .snapshot(1, 9), .clone(1, 2, [.net: 101]),
    .register(2, "5", RegistrationFacts(name: "web")), .fork(1, 4), .called(4, "nsenter"),
    .exec(4, exe: "/usr/bin/nsenter"),
  ]

  private static func log(
    _ steps: [History.Step], _ limits: SessionLog.Limits = .none
  ) throws -> SessionLog {
    let bytes = History(start + steps).steps
    var pipeline = Pipeline(from: MemorySource(bytes), to: SessionLog(limits))
    try pipeline.run()
    return pipeline.sink
  }

  private static func lines(
    _ log: SessionLog, _ format: ContainerFormat, records: Bool = false
  ) -> [String] {
    SessionListing(log, as: format, showsRecords: records).lines
  }

  /// The words of each line but the heading.
  private static func words(_ log: SessionLog) -> [[Substring]] {
    lines(log, .table).dropFirst().map { $0.dropLast().split(separator: " ") }
  }

  private static let visit: [History.Step] = [
    .setns(4, [.net: 101]), .unshare(4, [.uts: 103]), .refused(NST_OP_UNSHARE, 4, [.mnt]),
    .fork(4, 6), .exit(4), .exit(6),
  ]

  @Test func `a session is a row: who, where, from when to when, how, and what they did`() throws {
    #expect(
      Self.words(try Self.log(Self.visit)) == [
        [
          "1", "5", "web", "-", "-", "0", "4", "1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z",
          "setns:net", "exit", "1", "1", "1", "1", "nsenter", "/usr/bin/nsenter",
        ]
      ])
  }

  @Test func `one that goes on has no end`() throws {
    #expect(
      Self.words(try Self.log([.late(4, [.net: 101])])) == [
        [
          "1", "5", "web", "-", "-", "0", "4", "1970-01-01T00:00:01Z", "-", "late:net", "-", "0",
          "1", "0", "0", "nsenter", "/usr/bin/nsenter",
        ]
      ])
  }

  @Test func `one that ended while no tracer ran is a row, too`() throws {
    let steps: [History.Step] = [
      .host, .clock(offset: 1_000_000_000), .kept(7, "5", name: "web"), .keptSession(3, in: ["5"]),
      .inside(4, 3), .snapshot(1, 9),
    ]
    var pipeline = Pipeline(from: MemorySource(History(steps).steps), to: SessionLog(.none))
    try pipeline.run()
    let line = try #require(Self.lines(pipeline.sink, .json).first)
    #expect(
      line == #"""
        {"type":"session","cses":3,"containers":[{"contid":"5","name":"web"}],"pid":4,"uid":0,\#
        "auid":1000,"ses":0,"comm":"","opid":4,"from":"1970-01-01T00:00:01.000000005Z",\#
        "how":"setns:net","to":"1970-01-01T00:00:01.000000060Z","end":"late","created":0,\#
        "changed":0,"destroyed":0,"refused":0,"registered":0}

        """#)
    #expect(Self.words(pipeline.sink)[0].prefix(3) == ["3", "5", "web"])
    let types = Self.lines(pipeline.sink, .json, records: true).dropFirst()
    #expect(types.count == 2 && types.first?.contains(#""op":"end""#) == true)
  }

  @Test func `an object has the same`() throws {
    let log = try Self.log(Self.visit)
    #expect(
      Self.lines(log, .json) == [
        #"""
        {"type":"session","cses":1,"containers":[{"contid":"5","name":"web"}],"pid":4,"uid":0,\#
        "auid":4294967295,"ses":4294967295,"comm":"nsenter","exe":"/usr/bin/nsenter","opid":4,\#
        "from":"1970-01-01T00:00:01.000000090Z","how":"setns:net",\#
        "to":"1970-01-01T00:00:01.000000140Z","end":"exit","created":1,"changed":1,\#
        "destroyed":1,"refused":1,"registered":0}

        """#
      ])
  }

  @Test func `with their records each is followed by them`() throws {
    let log = try Self.log(Self.visit + [.exit(2)])
    let json = Self.lines(log, .json, records: true)
    let types = try json.map { try #require(JSONLines.object($0)["type"] as? String) }
    #expect(
      types == [
        "session", "SYSCALL", "NS_CHANGE", "CONTAINER_SESSION", "CONTAINER_ID", "SYSCALL",
        "NS_CREATE", "CONTAINER_ID", "SYSCALL", "NS_CREATE", "CONTAINER_ID", "NS_DESTROY",
        "CONTAINER_SESSION", "CONTAINER_ID",
      ])
    let table = Self.lines(log, .table, records: true)
    #expect(table.count == 1 + types.count)
    #expect(table[2].hasPrefix("  type=SYSCALL msg=audit("))
    #expect(table.last?.hasSuffix(#" contid="5" cses="1" rel=inside"# + "\n") == true)
  }

  @Test func `a session in two containers names one, and the number of others`() throws {
    let log = try Self.log([
      .fork(1, 3), .unshare(3, [.uts: 111]), .register(3, "6"), .setns(4, [.net: 101, .uts: 111]),
    ])
    #expect(Self.words(log)[0].prefix(3) == ["1", "5,+1", "web"])
    #expect(
      Self.lines(log, .json)[0].contains(
        #""containers":[{"contid":"5","name":"web"},{"contid":"6"}]"#))
  }

  @Test func `the name of one that has ended is remembered while a session is inside`() throws {
    let log = try Self.log([
      .setns(4, [.net: 101]), .exit(2), .fork(1, 6), .setns(6, [.net: 101]),
    ])
    #expect(Self.words(log).map { $0[2] } == ["web", "web"])
  }

  @Test func `hostile names are escaped`() throws {
    let name = "a\u{1b}[31m\"\\\u{9b} \n"
    let log = try Self.log([
      .called(4, "x\u{1b} \n"), .exec(4), .fork(1, 3), .unshare(3, [.uts: 111]),
      .register(3, "6", RegistrationFacts(name: name)), .setns(4, [.uts: 111]),
    ])
    for format in ContainerFormat.allCases {
      for line in Self.lines(log, format, records: true) {
        #expect(line.unicodeScalars.dropLast().allSatisfy { (0x20...0x7e).contains($0.value) })
      }
    }
  }

  // MARK: What a tracer keeps

  private static func entrances(
    _ tids: Range<UInt32>, each calls: Int = 1
  ) -> [History.Step] {
    tids.flatMap { tid -> [History.Step] in
      [.fork(1, tid), .setns(tid, [.net: 101])]
        + (1..<max(calls, 1)).map { .unshare(tid, [.uts: 1000 + UInt32($0)]) } + [.exit(tid)]
    }
  }

  @Test func `of many sessions that have ended it keeps the last, and says how many it does not`()
    throws
  {
    let limits = SessionLog.Limits(sessions: 3, events: 10, bytes: 1 << 20)
    let log = try Self.log(Self.entrances(100..<105), limits)
    #expect(Self.words(log).dropLast().map { $0[0] } == ["3", "4", "5"])
    #expect(Self.lines(log, .table).last == "2 sessions are not kept any more\n")
    #expect(Self.lines(log, .json).last == #"{"type":"forgotten","sessions":2}"# + "\n")
  }

  @Test func `one that goes on is never forgotten`() throws {
    let limits = SessionLog.Limits(sessions: 1, events: 10, bytes: 1 << 20)
    let log = try Self.log([.setns(4, [.net: 101])] + Self.entrances(100..<105), limits)
    #expect(Self.words(log).dropLast().map { $0[0] } == ["1", "6"])
  }

  @Test func `who has many makes room, and nobody else`() throws {
    var log = SessionLog(SessionLog.Limits(sessions: 5, events: 10, bytes: 1 << 20))
    for session in 1...100 as ClosedRange<UInt32> {
      let login: UInt32 = session == 1 ? 1000 : 2000
      log.write(Self.event(.begin, session, login))
      log.write(Self.event(.end, session, login))
    }
    #expect(log.sessions.map(\.begin.visit.session) == [1, 97, 98, 99, 100])
    #expect(log.forgotten == 95)
  }

  private static func event(
    _ verb: SessionRecord.Verb, _ session: UInt32, _ login: UInt32
  ) -> AuditEvent {
    var event = SampleEvents.leftSession
    event.sessions[0].verb = verb
    event.sessions[0].visit.session = session
    event.sessions[0].entrant?.auid = login
    event.visits = [event.sessions[0].visit]
    return event
  }

  @Test func `of the events of one session it keeps the last`() throws {
    let limits = SessionLog.Limits(sessions: 3, events: 8, bytes: 1 << 20)
    let log = try Self.log(Self.entrances(100..<101, each: 20), limits)
    let session = try #require(log.sessions.first)
    #expect(session.events.count <= 8 && session.events.count >= 4)
    #expect(session.events.count + Int(session.leftOut) == 21)
    #expect(session.events.last?.sessions.map(\.verb) == [.end])
    #expect(session.counts.created == 19)
    let line = Self.lines(log, .json, records: true)[0]
    #expect(line.contains(#","events_left_out":\#(session.leftOut)}"#))
    #expect(
      Self.lines(log, .table, records: true)[1].hasSuffix(
        " (\(session.leftOut) earlier events are not kept)\n"))
  }

  @Test func `who has the most bytes of events gives way`() throws {
    var other = Self.event(.begin, 2, 2000)
    other.sessions = []
    let limits = SessionLog.Limits(sessions: 9, events: 1000, bytes: 10 * other.roomBytes)
    var log = SessionLog(limits)
    log.write(Self.event(.begin, 1, 1000))
    log.write(Self.event(.begin, 2, 2000))
    for _ in 1...100 { log.write(other) }
    let sessions = log.sessions
    #expect(sessions[0].events.count == 1)
    #expect(sessions[1].events.count <= 10 && sessions[1].events.count >= 4)
  }
}
