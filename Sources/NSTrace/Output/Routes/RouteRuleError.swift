// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a rule file.
package struct RouteRuleError: Error, Equatable, CustomStringConvertible {
  package enum Reason: Error, Equatable {
    case noField(String)
    case twice(String)
    case noID
    case noFileName(String)
    case sameFile(String)
    case fileAndSocket
    case relative(String)
    case noType(String)
    case noFormat(String)
    case tooMany
  }

  /// From 1.
  package var line: Int
  package var reason: Reason

  package init(line: Int, reason: Reason) {
    self.line = line
    self.reason = reason
  }

  package var description: String {
    let what =
      switch reason {
      case .noField(let text):
        "'\(text)' is no field: give contid=ID, file=NAME or socket=PATH, types=TYPE,..., "
          + "format=audit or json"
      case .twice(let name): "\(name) is given twice"
      case .noID: "give contid= a UUID or a decimal"
      case .noFileName(let name):
        "'\(name)' is no name for this copy: give letters, digits, '.', '_' and '-', no '.' first, "
          + "and no other ID"
      case .sameFile(let name): "another copy has the name \(name): give another"
      case .fileAndSocket: "give file= or socket=, not both"
      case .relative(let path): "'\(path)' is no absolute path: give socket= one"
      case .noType(let name): "'\(name)' is no type of record: give names like NS_CREATE"
      case .noFormat(let name): "'\(name)' is no format of a copy: give audit or json"
      case .tooMany: "a rule file has at most \(RouteRules.most) rules: leave some out"
      }
    return "line \(line): \(what)"
  }
}
