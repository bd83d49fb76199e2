// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// An audit log, and what audit's readers make of it: laurel, auparse and ausearch, as Debian has them.
struct ReaderLog: ~Copyable {
  /// As root, as in CI, a missing reader is a failure and no reason to skip.
  static let isReadable =
    geteuid() == 0
    || ["/usr/sbin/laurel", "/usr/sbin/ausearch", "/usr/lib/python3/dist-packages/auparse.py"]
      .allSatisfy(FileManager.default.fileExists)

  private let directory: ScratchDirectory
  let path: String
  let text: String

  /// - Parameter text: lines.
  init(text: String) throws {
    let directory = try ScratchDirectory()
    let path = directory.file("audit.log")
    try Files.write(Array(text.utf8), to: path)
    self.directory = directory
    self.path = path
    self.text = text
  }

  init(_ events: [AuditEvent]) throws {
    let format = AuditLineFormat(spelling: .numbers(base: RecordType.defaultBase))
    try self.init(text: events.flatMap(format.lines).map { $0 + "\n" }.joined())
  }

  var lines: [Substring] { text.split(separator: "\n") }

  /// Event by event, but each from its last record to its first, as `ausearch -i` prints them.
  var linesInReverse: [Substring] {
    Self.events(of: lines).flatMap { $0.reversed() }
  }

  private static func events(of lines: [Substring]) -> [[Substring]] {
    var events: [[Substring]] = []
    var last: Int?
    for line in lines {
      let serial = AuditLine(line)?.serial
      if serial == last { events[events.count - 1].append(line) } else { events.append([line]) }
      last = serial
    }
    return events
  }

  /// The records that stand in it.
  var written: [ReadRecord] { ReadRecord.sorted(lines.compactMap(ReadRecord.init(written:))) }

  /// The same as auparse interprets command lines: with spaces.
  var writtenForAuparse: [ReadRecord] {
    written.map { record in
      var record = record
      record.values["proctitle"]?.replace("\0", with: " ")
      return record
    }
  }

  /// As laurel's JSON has them; it must understand every line.
  func laurel() throws -> [ReadRecord] {
    let configuration = directory.file("laurel.toml")
    try Files.write(Array(Self.configuration(in: directory.path).utf8), to: configuration)
    var laurel = try ChildProcess("laurel", ["-c", configuration], input: .file(path))
    #expect(try laurel.waitForExit() == .exited(0))
    // Where nobody listens for syslog, that is its standard error.
    #expect(!laurel.errorText.contains("laurel: Error"))
    #expect((try? Files.text(directory.file("not-understood"))) ?? "" == "")
    let lines = laurel.outputText.split(separator: "\n")
    return ReadRecord.sorted(try lines.flatMap { try ReadRecord.all(ofLaurel: $0) })
  }

  private static func configuration(in directory: String) -> String {
    """
    directory = "\(directory)"
    [auditlog]
    file = "-"
    [debug.parse-error-log]
    file = "not-understood"
    [enrich]
    pid = false
    container = false
    script = false
    """
  }

  /// As auparse interprets their texts and what it has no type for; the rest as it stands.
  func auparse() throws -> [ReadRecord] {
    // Debian's python3 has the module, whatever else is called python3.
    var parser = try ChildProcess("/usr/bin/python3", ["-I", "-c", Self.parser, path])
    #expect(try parser.waitForExit() == .exited(0))
    #expect(parser.errorText == "")
    let records = try JSONLines.all(in: parser.outputText).map { record in
      ReadRecord(
        serial: record["serial"] as? Int ?? 0, type: record["type"] as? String ?? "",
        values: record["values"] as? [String: String] ?? [:])
    }
    return ReadRecord.sorted(records)
  }

  /// Quotes around what it has no type for are part of the value to auparse.
  private static let parser = """
    import auparse, json, sys
    INTERPRETED = [auparse.AUPARSE_TYPE_UNCLASSIFIED, auparse.AUPARSE_TYPE_ESCAPED,
                   auparse.AUPARSE_TYPE_ESCAPED_FILE, auparse.AUPARSE_TYPE_ESCAPED_KEY,
                   auparse.AUPARSE_TYPE_PROCTITLE]
    parser = auparse.AuParser(auparse.AUSOURCE_FILE, sys.argv[1])
    while parser.parse_next_event():
        parser.first_record()
        while True:
            values = {}
            parser.first_field()
            while True:
                name, value = parser.get_field_name(), parser.get_field_str()
                if parser.get_field_type() in INTERPRETED:
                    value = parser.interpret_field().strip('"')
                values[name] = "" if value in ("?", "(null)") else value
                if not parser.next_field():
                    break
            print(json.dumps({"serial": parser.get_timestamp().serial,
                              "type": values.pop("type"), "values": values}))
            if not parser.next_record():
                break
    """

  /// What ausearch prints, with nothing to complain of.
  func ausearch(_ arguments: [String]) throws -> String { try run("ausearch", arguments) }

  func aureport(_ arguments: [String]) throws -> String { try run("aureport", arguments) }

  private func run(_ program: String, _ arguments: [String]) throws -> String {
    var process = try ChildProcess(
      program, ["-if", path] + arguments, environment: ["LC_ALL": "C", "TZ": "UTC"])
    #expect(try process.waitForExit() == .exited(0))
    #expect(process.errorText == "")
    return process.outputText
  }
}
