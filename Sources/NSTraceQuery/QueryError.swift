// SPDX-License-Identifier: Apache-2.0

/// Why an SQL expression is refused.
package struct QueryError: Error, Equatable, CustomStringConvertible {
  /// A sentence.
  package var reason: String
  /// The number of the character that it is about, from 1; nil: it is about none.
  package var position: Int?

  package var description: String {
    position.map { "--where, at character \($0): \(reason)" } ?? "--where: \(reason)"
  }
}
