// SPDX-License-Identifier: Apache-2.0

/// A user message of nstrace's in a log of auditd's.
struct AuditTrailMessage {
  /// The kernel's number.
  let serial: Int
  /// The sender's, as the kernel says them.
  let outside: [String: String]
  /// What stands between the single quotes.
  let text: String
  let fields: [String: String]

  /// `type=UNKNOWN[2690] msg=audit(…:7): pid=1 uid=0 auid=… ses=… msg='op=… res=success'`
  init?(_ line: Substring) {
    let parts = line.split(separator: "'", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2].isEmpty, parts[0].hasSuffix(" msg=") else { return nil }
    guard let head = AuditLine(parts[0].dropLast(5)) else { return nil }
    (serial, outside) = (head.serial, head.fields)
    text = String(parts[1])
    guard let body = AuditLine("type=x msg=audit(0.000:1): \(parts[1])") else { return nil }
    fields = body.fields
  }

  subscript(field: String) -> String? { fields[field] }
}
