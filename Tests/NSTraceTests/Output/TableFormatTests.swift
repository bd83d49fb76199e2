// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct TableFormatTests {
  private let format = TableFormat()

  private func table(_ events: [AuditEvent]) -> [String] { events.flatMap(format.lines) }

  @Test func `columns stand below their headings`() {
    var format = format
    var text = TextBuffer()
    format.writeHeading(to: &text)
    let heading = String(decoding: text.bytes, as: UTF8.self)
    #expect(
      [heading] + table([SampleEvents.created, SampleEvents.changed, SampleEvents.destroyed])
        == [
          """
          TIME (UTC)    WHAT     BY       TYPE    NAMESPACE   BEFORE      TASK     UID        \
          COMMAND

          """,
          """
          23:08:55.123  create   unshare  net     4026532281  4026531833  4242     0          \
          unshare /usr/bin/unshare
          """,
          """
          23:08:55.123  change   setns    net     4026532281  4026531833  4242     0          \
          unshare /usr/bin/unshare
          """,
          """
          23:08:55.123  destroy  exit     mnt     4026532282  -           4242     0          \
          unshare /usr/bin/unshare
          """,
          """
          23:08:55.123  destroy  exit     net     4026532281  -           4242     0          \
          unshare /usr/bin/unshare
          """,
        ])
  }

  @Test func `what the kernel refused says why`() {
    #expect(
      table([SampleEvents.refused, SampleEvents.refusedWithoutKind]) == [
        """
        23:08:55.123  refused  unshare  mnt     -           4026531832  4242     0          \
        unshare /usr/bin/unshare (Operation not permitted)
        """,
        """
        23:08:55.123  refused  unshare  net     -           4026531833  4242     0          \
        unshare /usr/bin/unshare (Operation not permitted)
        """,
        """
        23:08:55.123  refused  setns    ?       -           -           4242     0          \
        unshare /usr/bin/unshare (Invalid argument)
        """,
      ])
  }

  @Test func `a result that no kernel gives is no crash`() throws {
    let event = AuditEvent.make(
      call: .make(result: .min), [.refused(.create, .net, from: nil, by: .unshare)])
    #expect(try #require(table([event]).first).hasSuffix(" (Success)"))
  }

  @Test func `a loss, and what made it good`() {
    #expect(
      table([
        SampleEvents.lost, SampleEvents.suppressed, SampleEvents.suppressedOfSeveral,
        SampleEvents.skipped, SampleEvents.unheard, SampleEvents.resynced,
      ])
        == [
          "23:08:55.123  lost     5 records (fork): the ring was full",
          "23:08:55.123  lost     9 records (switch): beyond the share of uid 65534",
          "23:08:55.123  lost     2 records (clone): beyond their users' shares",
          "23:08:55.123  lost     7 records (switch): the kernel skipped a program that was preempted",
          "23:08:55.123  lost     ? records (freed): kernel.ftrace_enabled was 0",
          "23:08:55.123  lost     1099511627776 records (all) were lost; the state is whole again",
        ])
  }

  @Test func `what only this output lacks`() {
    #expect(
      table([SampleEvents.missing(.stdout), SampleEvents.missing(.log)]) == [
        "23:08:55.123  lost     9 records (all): standard output was not read in time",
        "23:08:55.123  lost     9 records (all): the log could not be written",
      ])
  }

  @Test func `what is not known`() {
    #expect(
      table([SampleEvents.bare, SampleEvents.late]) == [
        """
        23:08:55.123  create   clone3   net     4026532281  4026531833  4243     0          \
        unshare
        """,
        "23:08:55.123  create   late     net     4026532281  -           4242     ?",
      ])
  }

  @Test func `a value wider than its column keeps a space behind it`() {
    let event = AuditEvent.make(
      subject: .make(uid: .max), exe: [], [.destroyed(opid: 1_234_567_890)])
    #expect(
      table([event]) == [
        """
        23:08:55.123  destroy  exit     net     4026532281  -           1234567890 4294967295 \
        unshare
        """
      ])
  }

  @Test func `a namespace that lives on is marked`() {
    var event = SampleEvents.destroyed
    event.namespaces[0].isPinned = true
    event.namespaces[1].isPinned = false
    let lines = table([event])
    #expect(lines[0].hasSuffix(" unshare /usr/bin/unshare (pinned)"))
    #expect(lines[1].hasSuffix(" unshare /usr/bin/unshare"))
  }

  /// The widest that the kernel has: seven digits of a task, a command of 15 bytes.
  @Test func `on 80 columns every line has room`() {
    let deleted = AuditEvent.make(
      call: .make(flags: SampleEvents.newNet), subject: .make(comm: Array("0123456789abcde".utf8)),
      exe: Array("/bin/x".utf8), exeMarks: .deleted, [.created(opid: 4_194_304)])
    var pinned = SampleEvents.destroyed
    pinned.namespaces[0].isPinned = true
    let events = SampleEvents.all + [deleted, pinned]
    for isColored in [false, true] {
      var narrow = TableFormat(TerminalStyle(isColored: isColored, isUnicode: true, columns: 80))
      var text = TextBuffer()
      narrow.writeHeading(to: &text)
      let heading = String(decoding: text.bytes, as: UTF8.self)
      let lines = [String(heading.dropLast())] + events.flatMap(narrow.lines)
      for line in lines {
        let shown = line.replacing(/\u{1b}\[[0-9]+m/, with: "")
        #expect(shown.count <= 80, "\(shown)")
      }
    }
  }

  @Test func `on 80 columns what is long is elided, and no reason for a refusal`() {
    let narrow = TableFormat(TerminalStyle(isUnicode: true, columns: 80))
    let events = [
      SampleEvents.created, SampleEvents.refused, SampleEvents.registered,
      SampleEvents.registrationRefused,
    ]
    #expect(
      events.flatMap(narrow.lines) == [
        "23:08:55 create   unshare net    4026532281 4026531833 4242   0   unshare",
        "23:08:55 refused  unshare mnt    -          4026531832 4242   0   unshare: EPERM",
        "23:08:55 refused  unshare net    -          4026531833 4242   0   unshare: EPERM",
        "23:08:55 change   assign  net    4026532281 4026532281 4243   0   unshare",
        "23:08:55 register set     web\\x201                     4243   0   unshare",
        "23:08:55 refused  set     web                          4243   0   unshare: EBUSY",
      ])
  }

  @Test func `a name of wide characters keeps the columns in line`() {
    let narrow = TableFormat(TerminalStyle(isUnicode: true, columns: 80))
    var event = SampleEvents.registrationRefused
    event.containers[0].name = Array("旗艦店".utf8)
    #expect(
      narrow.lines(of: event) == [
        "23:08:55 refused  set     旗艦店                       4243   0   unshare: EBUSY"
      ])
  }

  @Test func `a terminal of another width has other columns from then on, and their heading`() {
    var table = TableFormat(TerminalStyle(isUnicode: true, columns: 132))
    let wide = table.lines(of: SampleEvents.created)
    let isChanged = [100, 80, 99].map { table.resize(columns: $0) }
    #expect(isChanged == [false, true, false])
    #expect(
      table.lines(of: SampleEvents.created) == [
        "23:08:55 create   unshare net    4026532281 4026531833 4242   0   unshare /usr/bin/unshare"
      ])
    let isWide = table.resize(columns: nil)
    #expect(isWide && table.lines(of: SampleEvents.created) == wide)
    var lines = AnyFormat.audit(AuditLineFormat())
    let isOther = lines.resize(columns: 80)
    #expect(!isOther)
  }

  @Test func `a cut path has its dots on any terminal`() {
    for columns in [nil, 132, 80] {
      let table = TableFormat(TerminalStyle(isUnicode: true, columns: columns))
      let event = AuditEvent.make(
        call: .make(), subject: .make(comm: Array("x".utf8)), exe: Array("/b/x".utf8),
        exeMarks: [.cut, .deleted], [.created()])
      // Where there is no room for it all of it is left out.
      let program = columns == 80 ? " x" : " x .../b/x (deleted)"
      #expect(table.lines(of: event)[0].hasSuffix(program), "\(columns ?? 0)")
      let cgroup = table.lines(of: SampleEvents.cgroupUpdated)[0]
      #expect(cgroup.contains(" .../web\\x201 "), "\(columns ?? 0)")
    }
  }

  @Test func `colours take no room in the columns`() {
    let colored = TableFormat(TerminalStyle(isColored: true)).lines(of: SampleEvents.created)
    #expect(
      colored == [
        """
        23:08:55.123  \u{1b}[32mcreate   \u{1b}[0munshare  net     4026532281  4026531833  \
        4242     0          unshare \u{1b}[2m/usr/bin/unshare\u{1b}[0m
        """
      ])
  }
}
