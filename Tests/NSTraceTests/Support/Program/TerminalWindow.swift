// SPDX-License-Identifier: Apache-2.0

import Testing

/// The screen of a command in a terminal, by tmux, in a server of the test's own.
struct TerminalWindow {
  /// The window's lines, down to the last one that is not empty.
  let lines: [String]

  /// - Parameters:
  ///   - command: for the shell; it runs to its end.
  ///   - escapes: with the terminal's commands for colours as tmux has kept them.
  init(columns: Int, rows: Int = 400, escapes: Bool = false, _ command: String) throws {
    let directory = try ScratchDirectory()
    func tmux(_ arguments: [String]) throws -> String {
      var tmux = try ChildProcess(
        "tmux", ["-u", "-f", "/dev/null", "-S", directory.file("socket")] + arguments,
        environment: ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "screen"])
      try #require(try tmux.waitForExit() == .exited(0), "tmux: \(tmux.errorText)")
      return tmux.outputText
    }
    // cat holds the window open, and ends with the server.
    _ = try tmux([
      "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
      "{ \(command); } 2>&1; tmux wait-for -S shown; exec cat",
    ])
    _ = try tmux(["wait-for", "shown"])
    let shown = try tmux(["capture-pane", "-p"] + (escapes ? ["-e"] : []))
    _ = try tmux(["kill-server"])
    var lines = shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last == "" { lines.removeLast() }
    self.lines = lines
  }
}
