// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// Small streams that made the judges take time in proportion to the square of their length, or
/// list more than is printed.
@Suite struct CostlyStreamTests {
  typealias Stream = ConformanceStream

  private static func expectHeld(_ clauses: [Clause], in stream: Stream) throws {
    let trial = Trial(of: .rfc)
    try trial.process(RecordBatch(stream.bytes))
    try trial.release()
    for clause in clauses {
      guard case .held? = trial.verdicts[clause] else {
        let verdict = String(describing: trial.verdicts[clause])
        Issue.record("\(clause.rawValue): \(verdict)")
        continue
      }
    }
  }

  /// Each container has one task, in the network namespace of task 3.
  private static func containers(_ count: UInt32) -> [Stream.Step] {
    [Stream.unshare(3, [.net: 70])]
      + (10..<10 + count).flatMap { tid in
        [
          Stream.fork(3, tid),
          Stream.register(tid, as: ContainerID(high: 5, low: UInt64(tid))),
        ]
      }
  }

  /// A list prints the first 200 IDs; those that come later move up.
  @Test func `the judges know how many IDs a list prints`() throws {
    try Self.expectHeld(
      [.r4, .r8, .r10, .r12, .t12],
      in: Stream(
        Self.containers(205) + [
          Stream.fork(1, 5_000), Stream.setns(5_000, [.net: 70]), Stream.exit(20),
          Stream.fork(1, 5_001), Stream.setns(5_001, [.net: 70]),
        ]))
  }

  @Test func `a large family is judged as a small one`() throws {
    let family = (10..<160 as Range<UInt32>)
    try Self.expectHeld(
      [.r6, .r12, .t14],
      in: Stream(
        family.map { Stream.clone(2, $0, [.net: 1_000 + $0, .uts: 2_000 + $0]) } + [
          Stream.register(
            2, as: ContainerID(high: 5, low: 7), flags: ConformanceTests.withDescendants,
            others: Array(family))
        ]))
  }
}
