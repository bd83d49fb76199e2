// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Glibc
import Testing

@testable import nstrace

/// How a command line may be spelt.
@Suite struct SpellingTests {
  @Test(arguments: [
    ("", "list"), ("--format json", "list"), ("--follow", "follow"), ("-f", "follow"),
    ("--format json --follow", "follow"), ("-qf", "follow"), ("--record x -f", "follow"),
    ("-fr x", "follow"), ("follow", "follow"), ("list", "list"), ("replay x", "replay"),
  ])
  func `a short spelling is a command`(_ line: String, _ command: String) throws {
    let arguments = line.split(separator: " ").map(String.init)
    let parsed = try type(of: NSTraceCommand.command(for: arguments))
    #expect(parsed._commandName == command)
  }

  @Test(arguments: [
    [], ["--format", "json", "--verify=5", "--strict"], ["-q", "-p", "1", "--audit-log", "f"],
  ])
  func `nstrace --follow is nstrace follow`(_ options: [String]) throws {
    let short = try #require(
      NSTraceCommand.command(for: ["--follow"] + options) as? FollowCommand)
    let long = try #require(NSTraceCommand.command(for: ["follow"] + options) as? FollowCommand)
    #expect("\(short.output)" == "\(long.output)")
    #expect("\(short.messages) \(short.losses)" == "\(long.messages) \(long.losses)")
    #expect("\(short.verification) \(short.live)" == "\(long.verification) \(long.live)")
  }

  @Test func `both spellings refuse in the same words`() throws {
    let short = try #require(ProgramGrammar.refusal(of: ["--follow", "--nonsense"]))
    let long = try #require(ProgramGrammar.refusal(of: ["follow", "--nonsense"]))
    #expect(short.status == 64)
    #expect(short.text == long.text)
    #expect(short.text.contains("\nUsage: nstrace --follow [<options>]\n"))
  }

  @Test(arguments: [
    ("replya", "replay"), ("rec", "record"), ("ls", "list"), ("folow", "follow"),
    ("container", "containers"), ("ocihook", "oci-hook"), ("conform", "conformance"),
    ("regsiter", "register"),
  ])
  func `a misspelt command is answered with the nearest`(_ word: String, _ nearest: String) throws {
    for line in [[word], ["help", word], [word, "x", "--format", "json"]] {
      let refusal = try #require(ProgramGrammar.refusal(of: line))
      #expect(refusal.status == 64)
      #expect(
        refusal.text.hasPrefix(
          "Error: there is no command '\(word)'. Did you mean '\(nearest)'?\nUsage: nstrace "))
    }
  }

  @Test func `what is near no command is answered with none`() throws {
    let refusal = try #require(ProgramGrammar.refusal(of: ["x.nsdump"]))
    #expect(refusal.status == 64)
    #expect(refusal.text.hasPrefix("Error: there is no command 'x.nsdump'\nUsage: nstrace "))
  }

  @Test(arguments: [
    ("--verify", 60), ("--verify --strict", 60), ("--verify=5 --strict", 5), ("--verify 5", 5),
    ("--verify=0.01", 0.01),
  ])
  func `an interval may be left out`(_ line: String, _ seconds: Double) throws {
    let arguments = ["--follow"] + line.split(separator: " ").map(String.init)
    let follow = try #require(NSTraceCommand.command(for: arguments) as? FollowCommand)
    #expect(follow.verification.verify?.duration == .seconds(seconds))
    #expect(follow.losses.strict == line.contains("--strict"))
  }

  @Test(arguments: ["--verify=0", "--verify=x", "--verify=-1", "--verify=86401", "--verify nan"])
  func `an interval that is none is wrong usage`(_ line: String) throws {
    let arguments = ["--follow"] + line.split(separator: " ").map(String.init)
    let refusal = try #require(ProgramGrammar.refusal(of: arguments))
    #expect(refusal.status == 64)
    #expect(refusal.text.hasPrefix("Error: the state is verified every 0.01 to 86400 seconds"))
    #expect(refusal.text.contains("\nUsage: nstrace --follow [<options>]\n"))
  }

  @Test(arguments: DocumentedCommands.files)
  func `what the documents show can be typed`(_ file: String) throws {
    let text = try Files.text(Repository.path(file))
    try Self.expectParsed(DocumentedCommands(markdown: text), in: file)
  }

  @Test func `the documents show what this looks for`() throws {
    let text = try Files.text(Repository.path("README.md"))
    let commands = DocumentedCommands(markdown: text).all
    #expect(commands.count >= 20)
    #expect(commands.contains(["--follow", "--record", "x.nsdump"]))
    let policies = try Files.text(Repository.path("docs/policies.md"))
    let comparison = DocumentedCommands(markdown: policies).all
    #expect(comparison.contains { $0.first == "compare" && $0.count == 18 })
  }

  @Test func `what --help shows can be typed`() throws {
    let names = try ProgramGrammar.read().commands.map(\.commandName)
    for arguments in [["--help"]] + names.map({ [$0, "--help"] }) {
      let help = try FollowingProgram.run(BuiltProducts.nstrace, arguments).output
      let examples = help.components(separatedBy: "USAGE:")[0]
      try Self.expectParsed(DocumentedCommands(indented: examples), in: "\(arguments)")
    }
  }

  @Test func `what is packaged can be typed`() throws {
    let service = try ServiceUnit()["ExecStart"]
    #expect(service.first == "/usr/local/sbin/nstrace")
    #expect(ProgramGrammar.refusal(of: Array(service.dropFirst())) == nil)
    let hook = try Files.text(Repository.path("packaging/hooks.d/nstrace.json"))
    #expect(hook.contains(#""args": ["nstrace", "oci-hook"]"#))
  }

  private static func expectParsed(_ commands: DocumentedCommands, in place: String) throws {
    let names = try ProgramGrammar.read().commands.map(\.commandName)
    for words in commands.all {
      // A command by its name alone is spoken of, not shown.
      if words.count == 1, names.contains(words[0]) { continue }
      let refusal = ProgramGrammar.refusal(of: words)
      #expect(refusal == nil, "\(place): nstrace \(words): \(refusal?.text ?? "")")
    }
  }
}
