// SPDX-License-Identifier: Apache-2.0

import Testing

/// `--help` on a terminal of 79 columns, and what else is made of the commands' declarations.
@Suite struct HelpTests {
  private static let commands = [
    [], ["list"], ["follow"], ["run"], ["record"], ["replay"], ["containers"], ["tree"],
    ["sessions"], ["register"], ["oci-hook"], ["id"], ["keeper"], ["annotate"], ["audisp"],
    ["compare"], ["conformance"],
  ]

  private static func help(_ command: [String], columns: Int) throws -> [Substring] {
    var nstrace = try ChildProcess(
      BuiltProducts.nstrace, command + ["--help"], environment: ["COLUMNS": "\(columns)"])
    #expect(try nstrace.waitForExit() == .exited(0))
    #expect(nstrace.errorText == "")
    return nstrace.outputText.split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test func `each command is one that the test knows`() throws {
    let names = try ProgramGrammar.read().commands.map(\.commandName)
    #expect(Set(names) == Set(Self.commands.joined()))
  }

  @Test(arguments: commands)
  func `no line is longer than 79 columns`(_ command: [String]) throws {
    let lines = try Self.help(command, columns: 79)
    #expect(lines.filter { $0.count > 79 } == [])
  }

  @Test(arguments: commands)
  func `what describes a command does not wrap`(_ command: [String]) throws {
    let wide = try Self.help(command, columns: 500).prefix { $0 != "ARGUMENTS:" }
    let isText = { (line: Substring) in !line.hasPrefix("  -") }
    let text = wide.prefix { !$0.hasPrefix("WHAT TO ") && $0 != "OPTIONS:" }.filter(isText)
    #expect(text.count > 2)
    #expect(text.filter { $0.count > 79 } == [])
    #expect(try Self.help(command, columns: 79).starts(with: text))
  }

  /// An option is on one line or on two; below a name that is too long for its column, one or two
  /// more.
  @Test(arguments: commands)
  func `what describes an option wraps once at most`(_ command: [String]) throws {
    let lines = try Self.help(command, columns: 79).map(Array.init)
    let indent = [Character](repeating: " ", count: 26)
    var wrapped = 0
    for (line, next) in zip(lines, lines.dropFirst()) where next.starts(with: indent) {
      if !line.starts(with: indent) { wrapped = line[25] == " " ? 1 : 0 } else { wrapped += 1 }
      #expect(wrapped <= 1, "\(String(line))\n\(String(next))")
    }
  }

  @Test func `options stand under the headings that people look for`() throws {
    let headings = try Self.help(["follow"], columns: 79)
      .filter { $0.hasSuffix(":") && $0.first != " " }
    #expect(
      headings == [
        "WHAT TO SHOW:", "WHERE TO WRITE:", "WHAT TO TRACE:", "EXPERT:", "OPTIONS:",
      ])
  }

  @Test func `commands stand under headings, the default among them`() throws {
    let lines = try Self.help([], columns: 79)
    let headings = lines.filter { $0.hasSuffix("SUBCOMMANDS:") }
    #expect(
      headings == [
        "NAMESPACE SUBCOMMANDS:", "CONTAINER SUBCOMMANDS:", "AUDIT LOG SUBCOMMANDS:",
        "JUDGING SUBCOMMANDS:",
      ])
    #expect(lines.contains { $0.hasPrefix("  list (default) ") })
  }

  private static func manual() throws -> String {
    try Files.text(Repository.path("docs/nstrace.8")).replacing("\\-", with: "-")
  }

  @Test func `the manual says which options each command reads`() throws {
    let page = try Self.manual()
    for command in try ProgramGrammar.read().commands {
      let declared = command.optionNames.filter { $0.hasPrefix("--") }
        .subtracting(["--help", "--version"])
      if declared.isEmpty { continue }
      let listed = try #require(
        page.firstMatch(of: try Regex("\n\\.B \(command.commandName)\n(--.*)\n"))?[1].substring)
      #expect(
        listed.replacing(", ", with: " ").split(separator: " ").map(String.init)
          == declared.sorted())
    }
  }

  /// Both ways: what the manual lacks, and what it has too much.
  @Test func `the manual has the options that there are`() throws {
    let page = try Self.manual()
    let named = Set(page.matches(of: /[^\w-](--[a-z][a-z-]+)/).map { String($0.1) })
    let declared = Set(try ProgramGrammar.read().commands.flatMap(\.optionNames))
      .filter { $0.hasPrefix("--") }
    #expect(declared.subtracting(named).sorted() == [])
    #expect(named.subtracting(declared).sorted() == ["--generate-completion-script"])
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions know the commands and the options of each`(_ shell: String) throws {
    let script = try FollowingProgram.run(
      BuiltProducts.nstrace, ["--generate-completion-script", shell]
    ).output
    for command in try ProgramGrammar.read().commands {
      #expect(script.contains(command.commandName))
    }
    for option in ["include-descendants", "cgroup-pattern", "verify", "duration"] {
      #expect(script.contains(option))
    }
  }
}
