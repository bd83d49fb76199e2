// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Answers about namespaces that no task uses.
extension StreamAssembler where Port: ~Copyable {
  /// Finds out whether some of these namespaces still exist. The answers come with the next
  /// records.
  mutating func answer(_ waiting: [WaitingNamespace]) {
    // One batch of answers at a time: they come only once the ring is empty.
    guard !waiting.isEmpty, answers.isEmpty else { return }
    if !asksNsfs { hooks.look(&port) }
    answers.ask(about: waiting, silence: asksNsfs ? nil : silence, port)
  }

  /// The answer for a namespace without a FREED record. The kernel side reports all that is freed,
  /// unless the kernel skips its program.
  private var silence: nst_answer {
    hooks.reportsAllFreed ? NST_ANSWER_YES : NST_ANSWER_UNKNOWN
  }
}
