// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Parses JSON with Foundation, independently of nstrace's writer.
enum JSONLines {
  typealias Object = [String: Any]

  static func object(_ text: some StringProtocol) throws -> Object {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    guard let object = value as? Object else { throw LiveTraceError.noFact("an object: \(text)") }
    return object
  }

  /// One object for each line.
  static func all(in text: String) throws -> [Object] {
    try text.split(separator: "\n").map { try object($0) }
  }

  static func text(_ object: Object) throws -> [UInt8] {
    Array(try JSONSerialization.data(withJSONObject: object))
  }
}
