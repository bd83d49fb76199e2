// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import nstrace

/// `--verify`: what it waits for, and what it makes of what two walks find.
@Suite struct VerifierTests {
  private static func gone(_ tid: UInt32) -> TaskDifference {
    TaskDifference(tid: tid, startNs: 1, what: .gone)
  }

  /// Due in an hour.
  private static func verifier() -> Verifier { Verifier(every: .seconds(3600)) }

  private static var inAnHour: ContinuousClock.Instant { .now + .seconds(3600) }

  @Test func `what two walks in a row find is a difference`() {
    var verifier = Self.verifier()
    #expect(verifier.confirm([Self.gone(3), Self.gone(2), Self.gone(1)]) == [])
    #expect(verifier.confirm([Self.gone(4), Self.gone(3), Self.gone(2)]).map(\.tid) == [2, 3])
    #expect("\(verifier)" == "verified 1 times, 2 tasks differed")
    #expect(verifier.suspects == [])
  }

  @Test func `a suspicion has the next walk come sooner`() {
    var verifier = Self.verifier()
    let before = Self.inAnHour
    _ = verifier.confirm([Self.gone(1)])
    #expect(verifier.next < before)
    _ = verifier.confirm([])
    #expect(verifier.next >= before)
    #expect("\(verifier)" == "verified 1 times, 0 tasks differed")
  }

  @Test func `what only the second walk finds is no difference, nor a suspicion`() {
    var verifier = Self.verifier()
    _ = verifier.confirm([Self.gone(1)])
    #expect(verifier.confirm([Self.gone(2)]) == [])
    #expect(verifier.confirm([Self.gone(2)]) == [])
    #expect(verifier.differences == 0)
  }

  @Test func `when the stream walks itself suspicions are forgotten`() {
    var verifier = Self.verifier()
    let before = Self.inAnHour
    _ = verifier.confirm([Self.gone(1)])
    verifier.step = .settling(bytesLeft: 1)
    verifier.abandon()
    #expect(verifier.suspects == [])
    #expect(verifier.next >= before)
    #expect(!verifier.isBusy)
    #expect(verifier.times == 0)
  }

  @Test(arguments: [Verifier.Step.walking, .settling(bytesLeft: 1)])
  func `in a walk nothing is waited for`(step: Verifier.Step) {
    var verifier = Self.verifier()
    #expect(!verifier.isBusy)
    #expect(verifier.due == verifier.next)
    verifier.step = step
    #expect(verifier.isBusy)
    #expect(verifier.due == nil)
  }
}
