// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// An audit log, and the output of audit's readers for it: Debian's laurel, auparse and ausearch.
struct ReaderLog: ~Copyable {
  /// Whether the readers are there. For root, as in CI, a missing reader is a failure and the test
  /// is not skipped.
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

  /// The events in order, each from its last record to its first, as `ausearch -i` prints them.
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

  /// The records of the log.
  var written: [ReadRecord] { ReadRecord.sorted(lines.compactMap(ReadRecord.init(written:))) }

  /// The records of the log, with command lines as auparse interprets them: with spaces.
  var writtenForAuparse: [ReadRecord] {
    written.map { record in
      var record = record
      record.values["proctitle"]?.replace("\0", with: " ")
      return record
    }
  }

  /// The records in laurel's JSON; expects that laurel reads every line.
  func laurel() throws -> [ReadRecord] {
    let configuration = directory.file("laurel.toml")
    try Files.write(Array(Self.configuration(in: directory.path).utf8), to: configuration)
    var laurel = try ChildProcess("laurel", ["-c", configuration], input: .file(path))
    #expect(try laurel.waitForExit() == .exited(0))
    // laurel logs to standard error if there is no syslog.
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

  /// The records as auparse interprets them. A text without a type for auparse stays as it is.
  func auparse() throws -> [ReadRecord] {
    // By its path, because Debian's python3 has the module and another python3 may not.
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

  /// auparse keeps the quotes around a value that it has no type for.
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

  /// The output of ausearch; expects no complaint.
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
