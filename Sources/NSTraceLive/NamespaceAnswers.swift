// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Finds out what has become of namespaces that no task uses any more: PINNED records, which are put behind
/// what the ring holds.
struct NamespaceAnswers {
  private var encoder = RecordEncoder()
  /// Where among those that wait the next question begins.
  private var nextQuestion = 0

  /// Two system calls each, 0.4 µs if it is gone and 1.5 µs if it is not (development machine): 2 % of
  /// a nap.
  static let questionsAtOnce = 256
  /// Nanoseconds: what is there for longer than this after its end is held by something.
  static let freeingNs: UInt64 = 200_000_000

  var isEmpty: Bool { encoder.bytes.isEmpty }

  /// Appends the records to `batch`, and forgets them.
  mutating func take(into batch: inout RecordBatch) {
    batch.append(encoder.bytes)
    encoder.removeAll()
  }

  /// Asks about the next of those that wait, at most `questionsAtOnce`.
  /// - Parameter silence: what it means that the kernel side has not reported an end; nil: it reports none,
  ///   and the port is asked.
  mutating func ask(
    about waiting: [WaitingNamespace], silence: nst_answer?,
    _ port: borrowing some StreamPort & ~Copyable
  ) {
    let now = port.now(.boot)
    for step in 0..<min(waiting.count, Self.questionsAtOnce) {
      let one = waiting[(nextQuestion + step) % waiting.count]
      let isDue = now >= one.sinceNs.addingReportingOverflow(Self.freeingNs).partialValue
      let answer = silence ?? port.ask(one.id)
      // It may only be that it is not freed yet: zombies are reaped, workers run.
      let isEarly = !isDue && (silence != nil || answer == NST_ANSWER_YES)
      if !isEarly { append(answer, about: one.id, at: now) }
    }
    nextQuestion = (nextQuestion + Self.questionsAtOnce) % waiting.count
  }

  private mutating func append(_ answer: nst_answer, about id: NamespaceID, at time: UInt64) {
    var record = nst_pinned()
    record.hdr.time_ns = time
    record.id = id.nsid
    record.inum = id.inum
    record.type = UInt32(id.kind.cloneFlag)
    record.answer = answer.rawValue
    encoder.append(record)
  }
}
