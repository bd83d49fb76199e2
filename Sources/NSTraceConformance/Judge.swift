// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Judges one clause, or several related ones: compares the text that each raw record has caused
/// with the reading's account of the record.
protocol Judge {
  mutating func weigh(_ evidence: Evidence, against account: Account)
  var verdicts: [Clause: Verdict] { get }
}

extension Account {
  /// Whether a record may print this list for the task. A list that is not known is not judged.
  func allows(_ list: ContainerList, of tid: UInt32) -> Bool {
    carried[tid]?.contains(list) ?? true
  }
}

extension NamespaceRecord {
  /// Whether the record is about a task that makes, moves or ends, and not about a namespace's list
  /// (R12).
  var isMembership: Bool { op != .assign && op != .release }

  /// The record in words, such as `NS_CREATE of net 4026532281 by task 5`.
  var words: String {
    let what = namespace.map { "\($0.inum)" } ?? "refused"
    return "\(RecordType(verb).name) of \(kind?.name ?? "?") \(what) by task \(opid)"
  }
}

extension ContainerList {
  var words: String {
    var text = TextBuffer()
    append(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
