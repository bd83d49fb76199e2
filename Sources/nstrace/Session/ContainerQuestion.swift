// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Glibc
internal import NSTrace

/// Asks the running tracer about containers or sessions, and prints the answer as it comes.
struct ContainerQuestion: ~Copyable {
  private let subject: ControlQuery.Subject
  private let showsRecords: Bool
  private let path: String
  private let format: ReportFormat
  private let terminal: TerminalStyle
  /// Whether the first line of text is a heading.
  private let hasHeading: Bool

  private var text = TextBuffer()
  private var isFirst = true

  private static let pieceBytes = 1 << 16

  /// - Parameters:
  ///   - showsRecords: of sessions, whether their records are shown.
  ///   - path: the tracer's control socket.
  init(
    about subject: ControlQuery.Subject, showsRecords: Bool = false, at path: String,
    as format: ReportFormat, on terminal: TerminalStyle, hasHeading: Bool = false
  ) {
    self.subject = subject
    self.showsRecords = showsRecords
    self.path = path
    self.format = format
    self.terminal = terminal
    self.hasHeading = hasHeading
  }

  mutating func run() throws {
    signal(SIGPIPE, SIG_IGN)
    do {
      try ask()
    } catch let error as SystemError where error.isClosedPipe {
      // The reader of the output has gone (`| head`).
    }
  }

  private mutating func ask() throws {
    let query = ControlQuery(
      op: subject, format: format == .json ? .json : .table,
      records: subject == .sessions ? showsRecords : nil)
    let reply = try ControlClient.ask(query, at: path) { line in
      switch format {
      case .json: try append(json: line)
      case .table: append(line: try Self.text(of: line))
      case .none: return
      }
      if text.count >= Self.pieceBytes { try flush() }
    }
    try flush()
    try reply.check()
  }

  private static func text(of line: [UInt8]) throws -> [UInt8] {
    struct Line: Decodable {
      let text: String
    }
    return Array(try JSONDecoder().decode(Line.self, from: Data(line)).text.utf8)
  }

  /// The tracer sends valid JSON without control characters; another program that listens may not.
  /// - Throws: `DecodingError` if the line is no JSON.
  private mutating func append(json line: [UInt8]) throws {
    struct Line: Decodable {
      let type: String
    }
    _ = try JSONDecoder().decode(Line.self, from: Data(line))
    JSONText.append(json: line, to: &text)
    text.append("\n")
  }

  private mutating func append(line: [UInt8]) {
    let isBold = isFirst && hasHeading
    isFirst = false
    WrappedLine(line, for: terminal).append(isBold: isBold, to: &text)
  }

  private mutating func flush() throws(SystemError) {
    try FileDescriptor.standardOutput.write(text.bytes)
    text.removeAll()
  }
}
