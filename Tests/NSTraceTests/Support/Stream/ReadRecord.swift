// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One record of an audit log, as an audit reader gives it. Values have no quotes, texts are
/// decoded, users and results are numbers, and an unknown value is empty.
struct ReadRecord: Equatable, CustomStringConvertible {
  let serial: Int
  /// The type, such as `SYSCALL` or `UNKNOWN[1390]`.
  let type: String
  var values: [String: String]

  var description: String {
    ([type, "\(serial)"] + values.sorted { $0 < $1 }.map { "\($0)=\($1)" }).joined(separator: " ")
  }

  /// Sorted by event and type, because laurel groups the records of one type.
  static func sorted(_ records: [ReadRecord]) -> [ReadRecord] {
    let keyed = records.enumerated().map {
      ($0.element.serial, $0.element.type, $0.offset, $0.element)
    }
    return keyed.sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3)
  }
}

extension ReadRecord {
  /// The records that are in one list only.
  static func differing(_ read: [ReadRecord], _ written: [ReadRecord]) -> [String] {
    let changes = written.map(\.description).difference(from: read.map(\.description))
    return changes.map { change in
      switch change {
      case .remove(_, let text, _): "read: \(text)"
      case .insert(_, let text, _): "written: \(text)"
      }
    }
  }
}

// MARK: - What was written

extension ReadRecord {
  private static let texts: Set = ["comm", "exe", "name", "cgroup", "key", "proctitle", "vm"]

  /// Parses a line that nstrace wrote. Fields in `msg='…'` are fields of the record.
  init?(written text: Substring) {
    guard let line = AuditLine(text.replacing("msg='", with: "").replacing("'", with: "")) else {
      return nil
    }
    serial = line.serial
    type = line.type
    values = Dictionary(
      uniqueKeysWithValues: line.fields.map { ($0, Self.value(of: $0, written: $1)) })
  }

  private static func value(of field: String, written value: String) -> String {
    if value == "?" || value == "(null)" { return "" }
    if value.hasPrefix("\"") { return String(value.dropFirst().dropLast()) }
    return texts.contains(field) ? decoded(value) : value
  }

  private static func decoded(_ digits: String) -> String {
    let bytes = stride(from: 0, to: digits.utf8.count, by: 2).map {
      UInt8(digits.dropFirst($0).prefix(2), radix: 16) ?? 0
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

// MARK: - As laurel gives it

extension ReadRecord {
  /// The records of one line of laurel's output. It has lists for a system call's arguments and for
  /// a command line.
  static func all(ofLaurel line: some StringProtocol) throws -> [ReadRecord] {
    var event = try JSONLines.object(line)
    let id = event.removeValue(forKey: "ID") as? String
    guard let serial = id?.split(separator: ":").last.flatMap({ Int($0) }) else {
      throw LiveTraceError.noFact("an ID: \(line)")
    }
    return event.flatMap { type, value in
      let records = value as? [JSONLines.Object] ?? [value as? JSONLines.Object ?? [:]]
      return records.map { ReadRecord(serial: serial, type: type, values: values(ofLaurel: $0)) }
    }
  }

  private static func values(ofLaurel record: JSONLines.Object) -> [String: String] {
    var values: [String: String] = [:]
    for (field, value) in record {
      switch value {
      case let list as [String] where record["arch"] != nil:
        for (index, argument) in list.enumerated() {
          values["a\(index)"] = String(argument.dropFirst(2))
        }
      case let list as [String]: values["proctitle"] = list.joined(separator: "\0")
      case let text as String where field == "arch": values[field] = String(text.dropFirst(2))
      case let text as String where field == "msg":
        ReadRecord(written: "type=msg msg=audit(0:0): \(text)")?.values.forEach { values[$0] = $1 }
      // laurel gives the question mark as text where it expects a number.
      case let text as String: values[field] = text == "?" ? "" : text
      case let number as NSNumber: values[field] = number.stringValue
      default: values[field] = ""
      }
    }
    return values
  }
}
