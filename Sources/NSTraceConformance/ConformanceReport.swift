// SPDX-License-Identifier: Apache-2.0

package import NSTrace

/// A verdict on every clause, in their order.
public struct ConformanceReport: Equatable, Sendable {
  /// The verdict on each clause.
  public let verdicts: [Clause: Verdict]
  /// Wire records that are missing in the stream.
  public let lost: UInt64

  init(_ verdicts: [Clause: Verdict], lost: UInt64 = 0) {
    self.verdicts = verdicts
    self.lost = lost
  }

  /// Whether any clause is broken.
  public var isBroken: Bool { verdicts.values.contains { $0.isBroken } }

  /// The verdict on one clause.
  public subscript(clause: Clause) -> Verdict {
    verdicts[clause] ?? .notExercised(because: "it was not judged")
  }
}

// MARK: - For people

extension ConformanceReport {
  private enum Column {
    static let clause = 8
    static let policy = 13
    static let verdict = 15
    static let times = 8
  }

  /// The most serials in a line of the table; JSON has all.
  private static let serialLimit = 8

  /// Appends a line for each clause, and below it the reason if it did not hold.
  package func writeTable(to text: inout TextBuffer) {
    line("CLAUSE", "POLICY", "VERDICT", "TIMES", "WHAT", to: &text)
    for clause in Clause.allCases {
      let verdict = self[clause]
      var times = "-"
      if case .held(let occasions) = verdict { times = "\(occasions)" }
      line(
        clause.rawValue, "\(clause.position.policy.name)", "\(verdict.name)", times,
        "\(clause.text)", to: &text)
      guard let why = Self.why(verdict) else { continue }
      text.append(raw: repeatElement(UInt8(ascii: " "), count: Column.clause))
      text.append("\(why)\n")
    }
  }

  private static func why(_ verdict: Verdict) -> String? {
    switch verdict {
    case .held: return nil
    case .notExercised(let reason): return reason
    case .broken(let serials, let reason):
      let shown = serials.prefix(serialLimit).map(String.init).joined(separator: ", ")
      let rest = serials.count - serialLimit
      return "serial \(shown)" + (rest > 0 ? " and \(rest) more" : "") + ": \(reason)"
    }
  }

  private func line(
    _ clause: String, _ policy: String, _ verdict: String, _ times: String, _ what: String,
    to text: inout TextBuffer
  ) {
    let cells = [
      (clause, Column.clause), (policy, Column.policy), (verdict, Column.verdict),
      (times, Column.times),
    ]
    for (cell, width) in cells {
      let start = text.count
      text.append(cell)
      text.pad(from: start, to: width)
    }
    text.append("\(what)\n")
  }
}

// MARK: - For programs

extension ConformanceReport {
  /// Appends one JSON object a line for each clause, with its keys in a fixed order.
  package func writeJSON(to text: inout TextBuffer) {
    for clause in Clause.allCases {
      let verdict = self[clause]
      text.append("{\"clause\":\"\(clause.rawValue)\",\"source\":\"\(clause.source)\"")
      text.append(",\"policy\":\"\(clause.position.policy.name)\"")
      text.append(",\"text\":\"\(clause.text)\",\"verdict\":\"\(verdict.name)\"")
      switch verdict {
      case .held(let occasions): text.append(",\"occasions\":\(occasions)")
      case .broken(let serials, let reason):
        let list = serials.map(String.init).joined(separator: ",")
        text.append(",\"serials\":[\(list)],\"because\":\"\(reason)\"")
      case .notExercised(let reason): text.append(",\"because\":\"\(reason)\"")
      }
      text.append("}\n")
    }
  }
}
