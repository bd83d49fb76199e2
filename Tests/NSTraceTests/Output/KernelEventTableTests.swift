// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Events of the kernel's audit as rows.
@Suite struct KernelEventTableTests {
  private static func row(_ event: KernelEvent, columns: Int?) -> [String] {
    TableFormat(TerminalStyle(columns: columns)).lines(of: event)
  }

  @Test func `a file has all containers behind the program`() {
    #expect(
      Self.row(.executed, columns: nil) == [
        "02:35:20.030  audit    SYSCALL  -       -           -           4242     0          "
          + "sh /bin/sh container 42 container 7,^1 cses=3"
      ])
  }

  @Test func `a terminal has the first in the columns of a namespace`() {
    #expect(
      Self.row(.executed, columns: 120) == [
        "02:35:20.030  audit    SYSCALL  42                              4242     0          "
          + "sh /bin/sh"
      ])
  }

  @Test func `what user space wrote is shown as far as there is room`() {
    #expect(
      Self.row(.login, columns: 80) == [
        "02:35:20 audit    USER_L~ 42                           1      0   op=login acct~"
      ])
    #expect(
      Self.row(.login, columns: nil) == [
        "02:35:20.030  audit    USER_LOGIN -       -           -           1        0          "
          + "container 42 op=login acct=\"root\" res=success"
      ])
  }

  @Test func `a visitor's session is shown before a text that could look like it`() {
    let event = KernelEvent.make(
      (1112, "pid=1 uid=5 msg='a  cses=9 \u{1b}[31m\n'"), pid: 1, mentions: [.inside("7", by: 3)])
    #expect(
      Self.row(event, columns: 120) == [
        "02:35:20.030  audit    USER_LO~ 7                               1        5          "
          + "cses=3 a cses=9 \\x1b[31m\\x0a"
      ])
  }

  @Test func `the host has no container, and of others nothing is known`() {
    #expect(
      Self.row(.make((1305, "op=set"), pid: 1), columns: 120) == [
        "02:35:20.030  audit    CONFIG_~ -       -           -           1        ?          op=set"
      ])
    #expect(
      Self.row(.make((1324, "mark=0x0"), isKnown: false), columns: 120) == [
        "02:35:20.030  audit    NETFILT~ ?       ?           ?           -        ?          "
          + "mark=0x0"
      ])
    #expect(Self.row(.make(), columns: 120) == [])
  }

  @Test func `a program's name is escaped`() {
    let call = "uid=0 comm=6120620A exe=2F612062"
    #expect(
      Self.row(.make((1300, call), pid: 2), columns: nil) == [
        "02:35:20.030  audit    SYSCALL  -       -           -           2        0          "
          + "a\\x20b\\x0a /a\\x20b"
      ])
  }
}
