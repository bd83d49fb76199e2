// SPDX-License-Identifier: Apache-2.0

/// The format that a user chose.
package enum AnyFormat: RecordFormat {
  case audit(AuditLineFormat)
  case json(JSONLinesFormat)
  case table(TableFormat)
  /// Counts events and writes nothing.
  case none

  package mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer) {
    switch self {
    case .audit(var format): format.write(event, to: &text)
    case .json(var format): format.write(event, to: &text)
    case .table(var format): format.write(event, to: &text)
    case .none: break
    }
  }

  package mutating func write(_ event: borrowing KernelEvent, to text: inout TextBuffer) {
    switch self {
    case .audit(var format): format.write(event, to: &text)
    case .json(var format): format.write(event, to: &text)
    case .table(var format): format.write(event, to: &text)
    case .none: break
    }
  }

  package mutating func writeHeading(to text: inout TextBuffer) {
    switch self {
    case .table(var format): format.writeHeading(to: &text)
    case .audit, .json, .none: break
    }
  }

  package mutating func resize(columns: Int?) -> Bool {
    switch self {
    case .table(var format):
      let isChanged = format.resize(columns: columns)
      self = .table(format)
      return isChanged
    case .audit, .json, .none: return false
    }
  }
}
