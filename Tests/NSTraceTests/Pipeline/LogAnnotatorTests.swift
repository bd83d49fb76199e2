// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct LogAnnotatorTests {
  private static let member = AnnotationAnswer.known([
    ContainerMention(ContainerList([.init(ContainerID(high: 0, low: 7))]))
  ])
  private static let visitor = AnnotationAnswer.known([
    ContainerMention(ContainerList([.init(ContainerID(high: 0, low: 7))]), session: 3)
  ])

  /// The head of a record at a time in milliseconds.
  private static func head(_ type: String, _ ms: Int, _ serial: Int) -> String {
    let fraction = String(1000 + ms % 1000).dropFirst()
    return "type=\(type) msg=audit(\(1_700_000_000 + ms / 1000).\(fraction):\(serial)): "
  }

  private static func syscall(_ serial: Int, pid: Int, at ms: Int = 0) -> String {
    head("SYSCALL", ms, serial)
      + "arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=\(pid) auid=0 comm=\"a\"\n"
  }

  private static func proctitle(_ serial: Int, at ms: Int = 0) -> String {
    head("PROCTITLE", ms, serial) + "proctitle=\"a\"\n"
  }

  private static func added(_ serial: Int, at ms: Int = 0, _ rest: String = "rel=member") -> String
  {
    head("UNKNOWN[1394]", ms, serial) + "record=\"1\" contid=\"7\" \(rest)\n"
  }

  @Test func `the lines of an event stand before its PROCTITLE`() throws {
    let (first, last) = (Self.syscall(1, pid: 5), Self.proctitle(1))
    let log = try AnnotatedLog(first + last, [5: Self.member])
    #expect(log.text == first + Self.added(1) + last)
    #expect(log.counts.description == "2 lines, 1 events: 1 of members of containers, 0 inside")
  }

  @Test func `a visitor's has its session`() throws {
    let (first, last) = (Self.syscall(1, pid: 5), Self.proctitle(1))
    let log = try AnnotatedLog(first + last, [5: Self.visitor])
    #expect(log.text == first + Self.added(1, "cses=\"3\" rel=inside") + last)
    #expect(log.counts.inside == 1)
  }

  @Test func `the name of a table is not the process`() throws {
    let table = Self.head("NETFILTER_CFG", 0, 1) + "table=x pid=6 z family=2 entries=1 pid=5\n"
    let device = Self.head("ANOM_PROMISCUOUS", 0, 2) + "dev=x\u{1d}pid=6 prom=256 old_prom=0\n"
    let (first, second) = (Self.syscall(1, pid: 5), Self.syscall(2, pid: 5))
    let log = try AnnotatedLog(table + first + device + second, [5: Self.member])
    #expect(log.text == table + first + Self.added(1) + device + second + Self.added(2))
  }

  /// Each host numbers its own events.
  @Test func `records of another host are passed on`() throws {
    let own = "node=web.example " + Self.syscall(1, pid: 5)
    let others = "node=db " + Self.syscall(1, pid: 5)
    let end = "node=db " + Self.proctitle(1)
    let log = try AnnotatedLog(
      Array((others + own + end).utf8), from: .plugin(node: Array("web".utf8)), [5: Self.member])
    #expect(log.text == others + own + "node=web.example " + Self.added(1) + end)
    #expect(log.counts.foreign == 2 && log.counts.events == 1 && log.counts.member == 1)
  }

  @Test func `they stand before a record that stands alone`() throws {
    let line = Self.head("USER_LOGIN", 0, 1) + "pid=5 uid=0 msg='op=login pid=6 res=success'\n"
    #expect(try AnnotatedLog(line, [5: Self.member]).text == Self.added(1) + line)
    let unnamed = Self.head("UNKNOWN[2345]", 0, 1) + "pid=5\n"
    #expect(try AnnotatedLog(unnamed, [5: Self.member]).text == Self.added(1) + unnamed)
  }

  @Test func `else they stand behind the last record, also before EOE`() throws {
    let records = Self.syscall(1, pid: 5) + Self.head("CWD", 0, 1) + "cwd=\"/\"\n"
    #expect(try AnnotatedLog(records, [5: Self.member]).text == records + Self.added(1))
    let end = Self.head("EOE", 0, 1) + "\n"
    #expect(try AnnotatedLog(records + end, [5: Self.member]).text == records + Self.added(1) + end)
  }

  @Test func `events whose records are mixed each have their own`() throws {
    let lines = [
      Self.syscall(1, pid: 5), Self.syscall(2, pid: 6), Self.syscall(3, pid: 5), Self.proctitle(2),
      Self.proctitle(1),
    ]
    let log = try AnnotatedLog(lines.joined(), [5: Self.member, 6: Self.visitor])
    let expected = [
      lines[0], lines[1], lines[2], Self.added(3), Self.added(2, "cses=\"3\" rel=inside"), lines[3],
      Self.added(1), lines[4],
    ]
    #expect(log.text == expected.joined())
  }

  @Test func `an event that has had no record for 2 s of the log is complete`() throws {
    let lines = [
      Self.syscall(1, pid: 5), Self.syscall(2, pid: 6, at: 2001), Self.proctitle(1),
      Self.proctitle(2, at: 2001),
    ]
    let log = try AnnotatedLog(lines.joined(), [5: Self.member])
    #expect(log.text == lines[0] + Self.added(1) + lines[1] + lines[2] + lines[3])
    #expect(log.counts.nameless == 1)
    let early = try AnnotatedLog(
      [lines[0], Self.syscall(2, pid: 6, at: 2000), lines[2]].joined(), [5: Self.member])
    #expect(early.counts.nameless == 0)
    #expect(early.text.hasSuffix(Self.added(1) + lines[2]))
  }

  @Test func `the beginning of a call may lie far back`() throws {
    let lines = [Self.syscall(9, pid: 6, at: 90_000), Self.syscall(1, pid: 5), Self.proctitle(1)]
    let log = try AnnotatedLog(lines.joined(), [5: Self.member])
    #expect(log.text == lines[0] + lines[1] + Self.added(1) + lines[2])
  }

  @Test func `what is no audit record stays as it is`() throws {
    let strange: [UInt8] =
      Array("\n\u{0}type=SYSCALL\ntype=SYSCALL msg=audit(1.5:3): pid=5\n\r\n".utf8) + [0xff, 0x0a]
    let log = try AnnotatedLog(strange, [5: Self.member])
    #expect(log.output == strange)
    #expect(log.counts.others == 5)
    #expect(log.counts.events == 0)
  }

  @Test(arguments: ["9000000000.000", "99999999999.000", "18446744073709551615.999"])
  func `a stamp of no time at all makes no record`(_ stamp: String) throws {
    let line = "type=SYSCALL msg=audit(\(stamp):1): pid=5\n"
    let log = try AnnotatedLog(line, [5: Self.member])
    #expect(log.text == line)
    #expect(log.counts.others == 1)
  }

  @Test func `a NUL in a record stays in it`() throws {
    let record = String(Self.syscall(1, pid: 5).dropLast()) + "\u{0}\u{0}\n"
    #expect(try AnnotatedLog(record, [5: Self.member]).text == record + Self.added(1))
  }

  @Test func `a record of 9,000 bytes is one, and a line of 100,000 is passed through`() throws {
    let record = Self.head("EXECVE", 0, 1) + "a0=\"\(String(repeating: "x", count: 9000))\"\n"
    let first = Self.syscall(1, pid: 5)
    let log = try AnnotatedLog(first + record + Self.proctitle(1), [5: Self.member])
    #expect(log.text == first + record + Self.added(1) + Self.proctitle(1))
    let long = Self.head("EXECVE", 0, 1) + String(repeating: "pid=5 ", count: 20_000) + "\n"
    for pieceBytes in [1, 4096, .max] {
      let bytes = Array((first + long + Self.syscall(2, pid: 5)).utf8)
      let log = try AnnotatedLog(bytes, pieceBytes: pieceBytes, [5: Self.member])
      #expect(log.text == first + Self.added(1) + long + Self.syscall(2, pid: 5) + Self.added(2))
      #expect(log.counts.long == 1)
      #expect(log.counts.lines == 3)
    }
  }

  @Test func `a line that is cut at the end belongs to no event`() throws {
    let cut = String(Self.proctitle(1).dropLast())
    let log = try AnnotatedLog(Self.syscall(1, pid: 5) + cut, [5: Self.member])
    #expect(log.text == Self.syscall(1, pid: 5) + Self.added(1) + cut)
    #expect(log.counts.others == 1)
  }

  @Test func `where the log is cut into pieces makes no difference`() throws {
    let bytes = Array(
      (1...50).map { Self.syscall($0, pid: $0 % 3) + Self.proctitle($0) }.joined().utf8)
    let whole = try AnnotatedLog(bytes, [1: Self.member, 2: Self.visitor])
    for pieceBytes in [1, 7, 100] {
      let log = try AnnotatedLog(
        bytes, pieceBytes: pieceBytes, [1: Self.member, 2: Self.visitor])
      #expect(log.output == whole.output)
      #expect(log.counts == whole.counts)
    }
  }

  @Test func `interpretations stay as they are`() throws {
    let record = String(Self.syscall(1, pid: 5).dropLast()) + "\u{1d}ARCH=x86_64 AUID=\"pid=6\"\n"
    #expect(
      try AnnotatedLog(record, [5: Self.member, 6: Self.visitor]).text == record + Self.added(1))
  }

  @Test func `no pid is read from what a process has chosen`() throws {
    let lines = [
      Self.head("EXECVE", 0, 1) + "argc=1 a0=\"pid=6\"\n", Self.syscall(1, pid: 5),
      Self.proctitle(1),
    ]
    let log = try AnnotatedLog(lines.joined(), [5: Self.member, 6: Self.visitor])
    #expect(log.text == lines[0] + lines[1] + Self.added(1) + lines[2])
  }

  @Test func `what names no process is counted`() throws {
    let lines = Self.head("NETFILTER_PKT", 0, 1) + "mark=0x1 saddr=127.0.0.1 proto=1\n"
    let log = try AnnotatedLog(lines)
    #expect(log.text == lines)
    #expect(log.counts.nameless == 1)
  }

  @Test func `each event is counted once`() throws {
    let answers: [UInt32: AnnotationAnswer] = [
      1: Self.member, 2: Self.visitor, 3: .known([]), 4: .unknown, 5: .outside, 6: .unanswered,
    ]
    let lines = (1...6).map { Self.syscall($0, pid: $0) }.joined()
    let counts = try AnnotatedLog(lines, answers).counts
    #expect(
      counts.description
        == "6 lines, 6 events: 1 of members of containers, 1 inside, 1 of the host, 1 of a process that "
        + "was not known, 1 outside the time of the recording, 1 without an answer in time")
  }

  @Test func `the oldest of too many open events is complete`() throws {
    let lines = (1...LogAnnotator.eventLimit + 2).map { Self.syscall($0, pid: 5) }
    let log = try AnnotatedLog(lines.joined() + Self.proctitle(1), [5: Self.member])
    // The last one is the PROCTITLE, which has come too late for its event.
    #expect(log.counts.early == 3)
    #expect(log.counts.nameless == 1)
    #expect(log.text.hasPrefix(lines[0] + Self.added(1) + lines[1] + Self.added(2) + lines[2]))
    #expect(log.text.hasSuffix(Self.proctitle(1)))
    #expect(log.counts.member == lines.count)
  }
}

// MARK: - Whose log it is

extension LogAnnotatorTests {
  @Test func `added lines name the host as the others do`() throws {
    let line = "node=web " + Self.syscall(1, pid: 5)
    for name in ["web", "web.example.org"] {
      let log = try AnnotatedLog(Array(line.utf8), node: name, [5: Self.member])
      #expect(log.text == line + "node=web " + Self.added(1))
    }
  }

  @Test func `another host's log is refused`() throws {
    let line = Array(("node=web " + Self.syscall(1, pid: 5)).utf8)
    for name in ["webs", "db", "we"] {
      #expect(
        throws: AnnotationError.otherNode(log: Array("web".utf8), expected: Array(name.utf8))
      ) { try AnnotatedLog(line, node: name) }
    }
  }

  @Test(arguments: ["UNKNOWN[1394]", "1394"])
  func `a log that has CONTAINER_ID records is refused`(_ type: String) throws {
    let lines = Self.syscall(1, pid: 5) + Self.head(type, 0, 1) + "record=1 contid=7\n"
    #expect(throws: AnnotationError.alreadyAnnotated(line: 2)) { try AnnotatedLog(lines) }
  }
}
