// SPDX-License-Identifier: Apache-2.0

/// An audit line, split as a reader does: at blanks, then at the first `=`. Numbers have lost their
/// quotes; texts keep them.
struct AuditLine: Equatable {
  let text: String
  let type: String
  let serial: Int
  let fields: [String: String]

  init?(_ text: some StringProtocol) {
    let words = text.split(separator: " ")
    guard words.count > 2, words[0].hasPrefix("type="), words[1].hasPrefix("msg=audit("),
      words[1].hasSuffix("):"),
      let serial = words[1].dropLast(2).split(separator: ":").last.flatMap({ Int($0) })
    else { return nil }
    self.text = String(text)
    self.serial = serial
    type = String(words[0].dropFirst(5))
    var fields: [String: String] = [:]
    for word in words.dropFirst(2) {
      guard let equals = word.firstIndex(of: "=") else { return nil }
      let (name, value) = (String(word[..<equals]), word[word.index(after: equals)...])
      fields[name] = Self.texts.contains(name) ? String(value) : Self.unquoted(value)
    }
    self.fields = fields
  }

  /// The fields that a process or an orchestrator chooses: in quotes, or else in hexadecimal.
  private static let texts: Set = ["comm", "exe", "name", "cgroup", "key"]

  private static func unquoted(_ value: some StringProtocol) -> String {
    value.count > 1 && value.first == "\"" && value.last == "\""
      ? String(value.dropFirst().dropLast()) : String(value)
  }

  subscript(field: String) -> String? { fields[field] }

  /// The lines of a text, without those that are no audit lines.
  static func all(in text: String) -> [AuditLine] {
    text.split(separator: "\n").compactMap { AuditLine($0) }
  }

  /// `NS_CREATE unshare net INO opid res`, for comparisons.
  var summary: String {
    let values = ["op", "nstype", "ino", "opid", "res"].map { fields[$0] ?? "-" }
    return ([type] + values).joined(separator: " ")
  }
}
