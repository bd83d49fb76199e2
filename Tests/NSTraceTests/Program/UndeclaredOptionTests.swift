// SPDX-License-Identifier: Apache-2.0

import Testing

/// A command takes the options that it reads, and refuses every other.
@Suite struct UndeclaredOptionTests {
  /// What each command needs to be parsed.
  private static let needed = [
    "list": [], "follow": [], "run": ["true"], "record": ["x"], "replay": ["x"], "containers": [],
    "tree": [],
    "sessions": ["x"],
    "register": ["--pid", "1", "7"], "oci-hook": [],
    "id": [], "keeper": ["status"], "annotate": ["--dump", "x"], "audisp": [],
    "compare": ["x", "--policy", "rfc", "--policy", "nested"], "conformance": ["x"],
  ]

  /// A value that some command takes, for the options that have no list of them.
  private static let values = [
    "--type-base": "1390", "--ring-size": "64K", "--share": "100", "--pid": "1", "-p": "1",
    "--nstype": "net",
    "--op": "setns", "--contid": "7", "--not-contid": "7", "--type": "AVC",
    "--not-type": "AVC", "--key": "k", "--not-key": "k",
    "--keep": "d", "--audit-log": "f", "--record": "f", "-r": "f",
    "--cgroup-pattern": "/web/{name}", "--policy": "rfc", "--control": "s", "--user": "nobody",
    "--name": "web", "--peer": "3", "--duration": "1", "--log-size": "1M", "--log-keep": "2",
    "--log-free": "1M", "--node": "web", "--dump": "x", "--output": "f",
    "--route": "d", "--route-rules": "f",
    "--to-audit-also": "NS_CREATE", "--to-audit-type": "2690",
    "--to-audit-rate": "5", "--what": "create", "--comm": "sh", "--exe": "/bin/sh", "--uid": "0",
    "--auid": "unset", "--count": "1", "-o": "f", "--ino": "1", "--nsid": "1", "--cgroup": "/*",
    "--container": "7", "--entered": "7", "--since": "-10m", "--until": "2026-11-25T10:00:00Z",
    "--where": "uid = 0",
  ]

  /// What else must be said for an option to be taken.
  private static let companions = [
    "--cgroup-pattern": ["--containers", "cgroup"],
    "--force": ["--record", "f"],
    "--on-full": ["--audit-log", "f"], "--log-size": ["--audit-log", "f"],
    "--log-keep": ["--audit-log", "f", "--log-size", "1M"], "--log-free": ["--audit-log", "f"],
    "--to-audit-also": ["--to-audit"], "--to-audit-type": ["--to-audit"],
    "--to-audit-rate": ["--to-audit"], "--only": ["--pid", "1"],
  ]

  private struct Option {
    let name: String
    let words: [String]
  }

  private static func options(of command: ProgramGrammar.Command) throws -> [Option] {
    try (command.arguments ?? []).flatMap { argument in
      try argument.spellings.map { name in
        // `--verify` has a value or none.
        if argument.kind == "flag" || name == "--verify" {
          return Option(name: name, words: [name])
        }
        let value = try #require(argument.allValues?.first ?? values[name], "a value for \(name)")
        return Option(name: name, words: [name, value])
      }
    }
  }

  @Test func `each command is one that the test knows`() throws {
    #expect(try Set(ProgramGrammar.read().commands.map(\.commandName)) == Set(Self.needed.keys))
  }

  @Test(arguments: needed.keys.sorted())
  func `what a command does not declare is refused with its usage`(_ name: String) throws {
    let grammar = try ProgramGrammar.read()
    let command = try #require(grammar.commands.first { $0.commandName == name })
    let needed = try #require(Self.needed[name])
    let usage = try Self.usage(of: name)
    var named: Set<String> = []
    let undeclared = try grammar.commands.flatMap(Self.options)
      .filter { !command.optionNames.contains($0.name) && named.insert($0.name).inserted }
    #expect(undeclared.count >= 6, "follow, which declares the most, refuses six")
    for option in Self.some(of: undeclared, for: name) {
      // What stands behind a program is its own.
      let words = name == "run" ? option.words + needed : needed + option.words
      let refusal = try #require(ProgramGrammar.refusal(of: [name] + words), "\(words)")
      #expect(refusal.status == 64, "\(option.words)")
      #expect(refusal.text.hasPrefix("Error: Unknown option '\(option.name)'"))
      #expect(refusal.text.contains("\nUsage: \(usage)\n"), "\(option.words)")
    }
  }

  /// Eight or so, others for each command: all refusals are made in one place, and a thousand of them take
  /// the parser a minute.
  private static func some(of options: [Option], for command: String) -> [Option] {
    let step = max(1, options.count / 8)
    let first = (needed.keys.sorted().firstIndex(of: command) ?? 0) % step
    return options.enumerated().filter { $0.offset % step == first }.map(\.element)
  }

  /// So that what is refused above is refused for being undeclared, and not for its value.
  @Test(arguments: needed.keys.sorted())
  func `what a command declares is taken`(_ name: String) throws {
    let command = try #require(
      ProgramGrammar.read().commands.first { $0.commandName == name })
    for option in try Self.options(of: command)
    where !["--help", "-h", "--version"].contains(option.name) {
      let words = try Self.words(name, with: option)
      #expect(ProgramGrammar.refusal(of: words) == nil, "\(words)")
    }
  }

  private static func words(_ command: String, with option: Option) throws -> [String] {
    var needed = try #require(needed[command])
    if command == "register", ["--pid", "-p"].contains(option.name) { needed = ["7"] }
    if command == "register", option.name == "--random" { needed = ["--pid", "1"] }
    if option.name == "--self" { return [command, "--random", "--self", "--", "true"] }
    // With a dump the tracer's options are refused: nothing would read them.
    if command == "conformance", !["--format", "--strict"].contains(option.name) {
      needed = option.name == "--live" ? [] : ["--live"]
    }
    if command == "sessions", option.name == "--control" { needed = [] }
    // What record writes is its argument.
    let isSaid = needed.contains("--live") || command == "record"
    let companions = isSaid ? [] : companions[option.name] ?? []
    if command == "run" { return [command] + companions + option.words + needed }
    return [command] + needed + companions + option.words
  }

  /// As `--help` has it.
  private static func usage(of command: String) throws -> String {
    let help = try FollowingProgram.run(BuiltProducts.nstrace, [command, "--help"]).output
    let section = try #require(help.firstMatch(of: /USAGE: ((?:.+\n)+)\n/)).1
    return section.dropLast().description
  }

  @Test(
    arguments: [
      ("replay --follow --user nobody --record q x.nsdump", "--follow"),
      ("compare x --policy rfc --policy tags --format json", "--format"),
      ("containers --audit-log F", "--audit-log"), ("tree --strict", "--strict"),
      ("conformance x --pid 5", "--pid"), ("list --follow", "--follow"),
      ("--record x", "--record"), ("--verify", "--verify"), ("--nstype net", "--nstype"),
      ("containers --duration 5", "--duration"),
    ])
  func `what was once taken and not read is refused`(_ line: String, _ option: String) throws {
    let arguments = line.split(separator: " ").map(String.init)
    var nstrace = try ChildProcess(BuiltProducts.nstrace, arguments)
    #expect(try nstrace.waitForExit() == .exited(64))
    #expect(nstrace.outputText == "")
    #expect(nstrace.errorText.hasPrefix("Error: Unknown option '\(option)'"))
  }

  @Test(
    arguments: [
      ("--record x", "\n  '--record' is read by: follow, run\n"),
      (
        "--policy rfc",
        "\n  '--policy' is read by: follow, run, record, replay, sessions, annotate, compare\n"
      ),
      ("-p 1", "\n  '-p' is read by: follow, replay, register\n"),
      ("tree --policy rfc", "\n  See 'nstrace tree --help' for more information.\n"),
      ("--nonsense", "\n  See 'nstrace list --help' for more information.\n"),
    ])
  func `where no command is named, those that read it are`(_ line: String, _ said: String) throws {
    var nstrace = try ChildProcess(
      BuiltProducts.nstrace, line.split(separator: " ").map(String.init))
    #expect(try nstrace.waitForExit() == .exited(64))
    #expect(nstrace.errorText.hasSuffix(said))
  }

  @Test func `sessions of a dump need no tracer, and those of a tracer no policy`() throws {
    for (words, why) in [
      (["sessions", "x", "--control", "s"], "no --control"),
      (["sessions", "--policy", "rfc"], "need a dump"),
      (["sessions", "--containers", "cgroup"], "need a dump"),
    ] {
      let refusal = try #require(ProgramGrammar.refusal(of: words))
      #expect(refusal.status == 64)
      #expect(refusal.text.contains(why))
    }
  }

  @Test(arguments: [
    ["--user", "nobody"], ["--no-sandbox"], ["--control", "s"], ["--ring-size", "64K"],
    ["--keep", "d"], ["--no-keep"], ["--hooks", "auto"], ["--share", "0"], ["--verbose"],
    ["--quiet"], ["--duration", "1"],
  ])
  func `a dump is judged without what only a tracer reads`(_ option: [String]) throws {
    let refusal = try #require(ProgramGrammar.refusal(of: ["conformance", "x"] + option))
    #expect(refusal.status == 64)
    #expect(refusal.text.contains(" need"))
    #expect(refusal.text.contains("\nUsage: nstrace conformance [<options>] <file>\n"))
  }
}
