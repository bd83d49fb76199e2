// SPDX-License-Identifier: Apache-2.0

import Testing

/// A log of real events, some of them by a process with a hostile name.
struct AuditLogRecording: ~Copyable {
  private let directory: ScratchDirectory
  let path: String
  /// All lines as written.
  let lines: [AuditLine]
  /// The process with the hostile name.
  let hostile: Int32
  let unsharing: Int32

  init() throws {
    let directory = try ScratchDirectory()
    let path = directory.file("log")
    var nstrace = try FollowingProgram(["--audit-log", path])
    let hostile = try FollowingProgram.run(BuiltProducts.nsactor, ["hostile-name"]).pid
    for verb in [["setns-pidfd"], ["refused", "clone3"], ["setns-bad"], ["compat", "exit"]] {
      try FollowingProgram.run(BuiltProducts.nsactor, verb)
    }
    let unsharing = try FollowingProgram.run("unshare", ["-n", "true"]).pid
    try nstrace.waitForEnd(of: unsharing)
    try #require(try nstrace.stop() == .exited(0))
    let text = try Files.text(path)
    let lines = AuditLine.all(in: text)
    try #require(lines.count == text.split(separator: "\n").count)
    self.directory = directory
    self.path = path
    self.lines = lines
    self.hostile = hostile
    self.unsharing = unsharing
  }

  /// The serials of the events with such a line.
  func serials(_ isWanted: (AuditLine) -> Bool) -> [Int] {
    Set(lines.filter(isWanted).map(\.serial)).sorted()
  }

  /// The lines that `ausearch --raw` finds; expects no complaint.
  func search(_ arguments: [String]) throws -> [AuditLine] {
    AuditLine.all(in: try ausearch(arguments + ["--raw"]))
  }

  func ausearch(_ arguments: [String]) throws -> String {
    var ausearch = try ChildProcess("ausearch", ["-if", path] + arguments)
    #expect(try ausearch.waitForExit() == .exited(0))
    #expect(ausearch.errorText == "")
    return ausearch.outputText
  }

  /// The lines of `ausearch --format csv`, and its standard error.
  func csv() throws -> (lines: [Substring], errors: String) {
    var ausearch = try ChildProcess("ausearch", ["-if", path, "--format", "csv"])
    #expect(try ausearch.waitForExit() == .exited(0))
    return (ausearch.outputText.split(separator: "\n"), ausearch.errorText)
  }

  /// Expects that ausearch finds these events, each of them whole.
  func expect(
    _ arguments: [String], find serials: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(!serials.isEmpty, sourceLocation: sourceLocation)
    let expected = lines.filter { serials.contains($0.serial) }.map(\.text)
    #expect(
      try search(arguments).map(\.text) == expected, sourceLocation: sourceLocation)
  }
}
