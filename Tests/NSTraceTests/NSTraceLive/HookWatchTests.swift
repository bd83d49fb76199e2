// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance
@testable import NSTraceLive

/// Readings and times in, findings and losses out: no kernel.
@Suite struct HookWatchTests {
  private static let second: UInt64 = 1_000_000_000
  private static let calls = Int(NST_KIND_SWITCH.rawValue)
  private static let frees = Int(NST_KIND_FREED.rawValue)

  private static func reading(
    calls: UInt64 = 0, frees: UInt64 = 0, fexitRuns: Bool = true
  ) -> HookWatch.Reading {
    var skipped = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))
    skipped[Self.calls] = calls
    skipped[Self.frees] = frees
    return HookWatch.Reading(skipped: skipped, fexitRuns: fexitRuns)
  }

  private static func loss(
    _ kind: nst_kind, _ count: UInt64, _ flags: Int32, since: UInt64
  ) -> RecordLoss {
    RecordLoss(kind: kind.rawValue, count: count, flags: UInt16(flags), sinceNs: since)
  }

  /// Followed since second 10, after a walk of `walk` nanoseconds.
  private static func watch(walk: UInt64 = 1_000_000) -> HookWatch {
    var watch = HookWatch(reading(), at: 9 * second)
    watch.walkBegins(at: 10 * second - walk)
    watch.walkEnds(at: 10 * second)
    return watch
  }

  @Test func `nothing is skipped, nothing is told`() {
    var watch = Self.watch()
    #expect(watch.look(Self.reading(), at: 20 * Self.second) == [])
    #expect(!watch.hasUntold)
    #expect(!watch.isWalkDue)
    #expect(watch.take() == [])
  }

  @Test func `what was skipped before is not told again`() {
    var watch = HookWatch(Self.reading(calls: 5), at: Self.second)
    #expect(watch.look(Self.reading(calls: 5), at: 2 * Self.second) == [])
    #expect(watch.look(Self.reading(calls: 6), at: 3 * Self.second) == [.skipped])
    #expect(
      watch.take() == [Self.loss(NST_KIND_SWITCH, 1, NST_LOST_SKIPPED, since: 2 * Self.second)])
  }

  @Test func `what is skipped is told by kind, since the look before`() {
    var watch = Self.watch()
    _ = watch.look(Self.reading(), at: 20 * Self.second)
    #expect(watch.reportsAllFreed)
    #expect(watch.look(Self.reading(calls: 3, frees: 2), at: 21 * Self.second) == [.skipped])
    #expect(watch.isWalkDue)
    #expect(!watch.reportsAllFreed)
    #expect(
      watch.take() == [
        Self.loss(NST_KIND_SWITCH, 3, NST_LOST_SKIPPED, since: 20 * Self.second),
        Self.loss(NST_KIND_FREED, 2, NST_LOST_SKIPPED, since: 20 * Self.second),
      ])
    #expect(!watch.hasUntold)
    #expect(watch.reportsAllFreed)
  }

  /// An attacker who has programs skipped all the time has the tasks walked over once a second.
  @Test func `walks keep their distance, and what is skipped meanwhile adds up`() {
    var watch = Self.watch()
    var (walks, told) = (0, UInt64(0))
    for step in 1...500 {
      let now = 10 * Self.second + UInt64(step) * 20_000_000
      _ = watch.look(Self.reading(calls: UInt64(step)), at: now)
      guard watch.isWalkDue else { continue }
      let losses = watch.take()
      #expect(losses.map(\.kind) == [NST_KIND_SWITCH.rawValue])
      // Nothing before that is missing: the walk before has seen it.
      #expect(losses[0].sinceNs <= now - losses[0].count * 20_000_000)
      told += losses[0].count
      walks += 1
      watch.walkBegins(at: now)
      watch.walkEnds(at: now + 1_000_000)
    }
    #expect(walks == 9)
    #expect(told + watch.take().reduce(0) { $0 + $1.count } == 500)
  }

  @Test func `a long walk is followed by a long pause`() {
    var watch = Self.watch(walk: 2 * Self.second)
    _ = watch.look(Self.reading(calls: 1), at: 49 * Self.second)
    #expect(!watch.isWalkDue)
    #expect(watch.hasUntold)
    _ = watch.look(Self.reading(calls: 1), at: 50 * Self.second)
    #expect(watch.isWalkDue)
  }

  @Test func `that programs have stopped is reported at once, and mended when they run again`() {
    var watch = Self.watch()
    _ = watch.look(Self.reading(), at: 20 * Self.second)
    #expect(watch.look(Self.reading(fexitRuns: false), at: 21 * Self.second) == [.stopped])
    #expect(!watch.isWalkDue)
    #expect(!watch.reportsAllFreed)
    let losses = [NST_KIND_SWITCH, NST_KIND_FREED].map {
      Self.loss($0, 1, NST_LOST_OFF, since: 20 * Self.second)
    }
    #expect(watch.takeStop() == losses)
    #expect(watch.takeStop() == [])
    #expect(watch.look(Self.reading(fexitRuns: false), at: 22 * Self.second) == [])
    #expect(!watch.isWalkDue)
    #expect(watch.look(Self.reading(), at: 23 * Self.second) == [.resumed])
    #expect(watch.isWalkDue)
    watch.walkBegins(at: 23 * Self.second)
    watch.walkEnds(at: 24 * Self.second)
    #expect(!watch.isWalkDue)
    #expect(!watch.hasUntold)
  }

  @Test func `a walk for another reason does not make stopped programs run`() {
    var watch = Self.watch()
    _ = watch.look(Self.reading(fexitRuns: false), at: 21 * Self.second)
    _ = watch.take()
    watch.walkBegins(at: 22 * Self.second)
    watch.walkEnds(at: 23 * Self.second)
    #expect(watch.take().map(\.sinceNs) == [22 * Self.second, 22 * Self.second])
  }

  @Test func `once they are replaced a walk follows at once`() {
    var watch = Self.watch()
    _ = watch.look(Self.reading(calls: 1), at: 10 * Self.second + 20_000_000)
    #expect(!watch.isWalkDue)
    watch.fexitIsReplaced()
    #expect(watch.isWalkDue)
  }

  @Test func `it is looked every 500 ms`() {
    let watch = HookWatch(Self.reading(), at: Self.second)
    #expect(!watch.isTimeToLook(at: Self.second + 499_999_999))
    #expect(watch.isTimeToLook(at: Self.second + 500_000_000))
  }
}
