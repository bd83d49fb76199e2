// SPDX-License-Identifier: Apache-2.0

/// Gives audit events as the text that the program prints.
public struct EventText: Sendable {
  /// The form of the text.
  public enum Format: Sendable {
    /// Audit lines, as auditd writes them.
    case audit
    /// JSON Lines, described by docs/records.schema.json.
    case json
    /// The rows of the table, without a limit of width.
    case table
  }

  private var format: AnyFormat

  /// Gives text in this form.
  public init(_ format: Format) {
    self.format =
      switch format {
      case .audit: .audit(AuditLineFormat())
      case .json: .json(JSONLinesFormat())
      case .table: .table(TableFormat())
      }
  }

  /// The lines of an event's records, each with its newline. Bytes that a process chose are
  /// escaped.
  public mutating func text(of event: borrowing AuditEvent) -> String {
    var buffer = TextBuffer()
    format.write(event, to: &buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }
  /// The same for an event of the kernel's audit.
  public mutating func text(of event: borrowing KernelEvent) -> String {
    var buffer = TextBuffer()
    format.write(event, to: &buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }
}
