// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Namespaces that no task uses any more.
extension StreamAssembler where Port: ~Copyable {
  /// Finds out what has become of some of these namespaces; what is known then comes with the next records.
  mutating func answer(_ waiting: [WaitingNamespace]) {
    // Behind a ring that is not empty yet they would come before what it says.
    guard !waiting.isEmpty, answers.isEmpty else { return }
    if !asksNsfs { hooks.look(&port) }
    answers.ask(about: waiting, silence: asksNsfs ? nil : silence, port)
  }

  /// The kernel side reports all that is freed, unless the kernel skips it.
  private var silence: nst_answer {
    hooks.reportsAllFreed ? NST_ANSWER_YES : NST_ANSWER_UNKNOWN
  }
}
