// SPDX-License-Identifier: Apache-2.0

import CBPF
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
      table([SampleEvents.lost, SampleEvents.skipped, SampleEvents.unheard, SampleEvents.resynced])
        == [
          "23:08:55.123  lost     5 records (fork): the ring was full",
          "23:08:55.123  lost     7 records (switch): the kernel skipped a program that was preempted",
          "23:08:55.123  lost     ? records (freed): kernel.ftrace_enabled was 0",
          "23:08:55.123  lost     1099511627776 records (all) were lost; the state is whole again",
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

  @Test func `colours take no room in the columns`() {
    let colored = TableFormat(isColored: true).lines(of: SampleEvents.created)
    #expect(
      colored == [
        """
        23:08:55.123  \u{1b}[32mcreate   \u{1b}[0munshare  net     4026532281  4026531833  \
        4242     0          unshare \u{1b}[2m/usr/bin/unshare\u{1b}[0m
        """
      ])
  }
}
