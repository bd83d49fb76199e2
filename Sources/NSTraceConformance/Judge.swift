// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Judges one clause, or a few that belong together: weighs what was printed because of each raw
/// record against the reading's account of it.
protocol Judge {
  mutating func weigh(_ evidence: Evidence, against account: Account)
  var verdicts: [Clause: Verdict] { get }
}

extension Account {
  /// Whether the record may say this of what the task carries; what is not known is not judged.
  func allows(_ list: ContainerList, of tid: UInt32) -> Bool {
    carried[tid]?.contains(list) ?? true
  }
}

extension NamespaceRecord {
  /// Not about a namespace's list (R12), but about a task that is made, moves or ends.
  var isMembership: Bool { op != .assign && op != .release }

  /// `NS_CREATE of net 4026532281 by task 5`.
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
