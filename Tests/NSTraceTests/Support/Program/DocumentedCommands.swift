// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The command lines of nstrace in a text: in Markdown's code, or in indented lines.
struct DocumentedCommands {
  /// The repository's files with such command lines.
  static let files: [String] = {
    let docs = Files.names(in: Repository.path("docs")).filter { $0.hasSuffix(".md") }.sorted()
    return ["README.md"] + docs.map { "docs/\($0)" }
  }()

  /// The words behind `nstrace`, for each command line.
  let all: [[String]]

  init(markdown text: String) {
    let lines = text.replacing("\\\n", with: " ").split(separator: "\n")
    let indented = lines.filter { $0.hasPrefix("    ") }
    let prose = lines.filter { !$0.hasPrefix("    ") }.joined(separator: "\n")
    all = (indented + prose.matches(of: /`([^`]+)`/).map(\.1)).compactMap(Self.words)
  }

  /// Reads the indented lines of a text that is not Markdown.
  init(indented text: String) {
    all = text.split(separator: "\n").filter { $0.hasPrefix("  ") }.compactMap(Self.words)
  }

  /// - Returns: nil for code that does not call nstrace.
  private static func words(of code: Substring) -> [String]? {
    let call = /(?:^\s*|\| |sudo )nstrace(?=\s|$)([^|#;>]*)/
    guard let found = code.firstMatch(of: call) else { return nil }
    // An explanation on the line is set off by two blanks.
    let line = found.1.split(separator: /\ \ +(?=[a-z])/, omittingEmptySubsequences: false)[0]
    return line.replacing(/\ [0-9]<&\S+/, with: "")
      .replacing(/"\$\([^"]*"|\$!|\bN\b/, with: "1").replacing("'", with: "")
      .split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
