// SPDX-License-Identifier: Apache-2.0

/// The rules of a rule file, a line each:
///
///     contid=ID [file=NAME | socket=PATH] [types=TYPE,...] [format=audit|json]
package struct RouteRules: Sendable, Equatable {
  package private(set) var rules: [RouteRule] = []

  /// The most rules of a file.
  package static let most = 64

  package init() {}

  /// The rules of a text; empty lines and those that begin with `#` are none.
  /// - Throws: `RouteRuleError` with the line.
  package init(text: String) throws(RouteRuleError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let fields = line.split { $0 == " " || $0 == "\t" }
      if fields.isEmpty || fields[0].hasPrefix("#") { continue }
      do throws(RouteRuleError.Reason) {
        try add(try Self.rule(fields))
      } catch {
        throw RouteRuleError(line: index + 1, reason: error)
      }
    }
  }

  /// The rule of a container; nil: it has none.
  package subscript(id: ContainerID) -> RouteRule? { rules.first { $0.id == id } }

  private mutating func add(_ rule: RouteRule) throws(RouteRuleError.Reason) {
    if rules.count == Self.most { throw .tooMany }
    if self[rule.id] != nil { throw .twice("contid") }
    let isTaken = rules.contains { $0.socket == nil && $0.fileName == rule.fileName }
    if rule.socket == nil, isTaken { throw .sameFile(rule.fileName) }
    rules.append(rule)
  }

  private static func rule(_ fields: [Substring]) throws(RouteRuleError.Reason) -> RouteRule {
    var values: [Substring: Substring] = [:]
    for field in fields {
      guard let equals = field.firstIndex(of: "=") else { throw .noField(String(field)) }
      let (name, value) = (field[..<equals], field[field.index(after: equals)...])
      guard names.contains(name), !value.isEmpty else { throw .noField(String(field)) }
      guard values.updateValue(value, forKey: name) == nil else { throw .twice(String(name)) }
    }
    guard let id = values["contid"].flatMap({ ContainerID(String($0)) }), !id.isUnset else {
      throw .noID
    }
    var rule = RouteRule(id)
    rule.file = try values["file"].map { (name) throws(RouteRuleError.Reason) in
      try fileName(String(name), of: id)
    }
    rule.socket = values["socket"].map(String.init)
    if rule.file != nil, rule.socket != nil { throw .fileAndSocket }
    if let socket = rule.socket, !socket.hasPrefix("/") { throw .relative(socket) }
    rule.types = try values["types"].map { (names) throws(RouteRuleError.Reason) in
      try types(names)
    }
    rule.format =
      try values["format"].map { (name) throws(RouteRuleError.Reason) in
        try format(String(name))
      } ?? .audit
    return rule
  }

  private static let names: Set<Substring> = ["contid", "file", "socket", "types", "format"]

  /// The longest name of a file: NAME_MAX.
  private static let nameMax = 255

  /// Only plain names, and none that another container's copy has by its ID.
  private static func fileName(
    _ name: String, of id: ContainerID
  ) throws(RouteRuleError.Reason) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    let isFile = isPlain && !name.hasPrefix(".") && name.utf8.count <= nameMax
    let other = name.hasSuffix(".log") ? ContainerID(String(name.dropLast(4))) : nil
    guard isFile, other == nil || other == id else { throw .noFileName(name) }
    return name
  }

  private static func types(
    _ names: Substring
  ) throws(RouteRuleError.Reason) -> RecordTypeChoice {
    var types = RecordTypeChoice()
    for name in names.split(separator: ",", omittingEmptySubsequences: false) {
      if !types.insert(String(name)) { throw .noType(String(name)) }
    }
    return types
  }

  private static func format(
    _ name: String
  ) throws(RouteRuleError.Reason) -> RouteRule.Format {
    guard let format = RouteRule.Format(rawValue: name) else { throw .noFormat(name) }
    return format
  }
}
