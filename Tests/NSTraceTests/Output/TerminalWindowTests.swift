// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// As root, as in CI, a missing tmux is a failure and no reason to skip.
private let hasTerminal =
  geteuid() == 0 || FileManager.default.fileExists(atPath: "/usr/bin/tmux")

/// The built program in a real terminal.
@Suite(.enabled(if: hasTerminal, "tmux is not installed"))
struct TerminalWindowTests {
  private static func replay(_ fixture: String) -> String {
    "\(BuiltProducts.nstrace) replay \(Fixture.path(fixture))"
  }

  @Test(arguments: ["linux-6.12.nsdump", "containers-6.12.nsdump"])
  func `on 80 columns a line is a line`(_ fixture: String) throws {
    let records = try FollowingProgram.run(
      BuiltProducts.nstrace, ["replay", "--format", "table", Fixture.path(fixture)])
    let window = try TerminalWindow(columns: 80, Self.replay(fixture))
    #expect(window.lines.count == records.output.split(separator: "\n").count)
    #expect(
      window.lines.first
        == "UTC      WHAT     BY      TYPE   NAMESPACE  BEFORE     TASK   UID COMMAND")
    #expect(window.lines.dropFirst().allSatisfy { $0.contains(#/^[0-9]{2}:[0-9]{2}:[0-9]{2} /#) })
  }

  @Test func `a wide terminal has room for programs`() throws {
    let window = try TerminalWindow(columns: 132, Self.replay("linux-6.12.nsdump"))
    #expect(window.lines.first?.hasPrefix("TIME (UTC)    WHAT     BY       TYPE ") == true)
    #expect(window.lines.contains { $0.hasSuffix(" nsactor /usr/bin/nsactor") })
  }

  @Test func `COLUMNS says how wide it is`() throws {
    let window = try TerminalWindow(columns: 132, "COLUMNS=80 \(Self.replay("linux-6.12.nsdump"))")
    #expect(window.lines.first?.hasPrefix("UTC      WHAT     BY ") == true)
  }

  @Test(arguments: [("screen", true), ("dumb", false), ("", false)])
  func `a terminal that takes no commands is sent none`(_ term: String, takes: Bool) throws {
    let window = try TerminalWindow(
      columns: 80, escapes: true, "TERM=\(term) \(Self.replay("linux-6.12.nsdump"))")
    #expect(window.lines.contains { $0.contains("\u{1b}") } == takes)
  }
}
