// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Counts the runs of attached programs that the kernel has skipped, and decides when they are
/// reported. It makes no system call: readings and times go in, losses come out.
///
/// A loss is reported together with the walk that mends it. A process can have programs skipped on
/// purpose, so walks keep a distance. Skipped runs between two walks add up.
struct HookWatch {
  /// The kernel's counters at one moment.
  struct Reading: Equatable {
    /// Runs skipped since the programs were loaded, by the kind of the missing record.
    var skipped: [UInt64]
    /// Whether fexit programs run.
    var fexitRuns = true
  }

  /// What differs from the last reading.
  enum Finding: Equatable { case skipped, stopped, resumed }

  /// The counters of the last reading.
  private var skipped: [UInt64]
  /// Skipped runs that are not reported yet, by kind.
  private var untold: [UInt64]
  private var untoldSinceNs: UInt64 = 0
  private(set) var lookedNs: UInt64
  private(set) var fexitRuns = true
  /// Since when fexit programs have not run, if that has yet to be reported: CLOCK_BOOTTIME,
  /// nanoseconds.
  private var stoppedSinceNs: UInt64?
  /// fexit programs run again, or `call_exit` replaces them: a walk is due at once.
  private var mustWalk = false
  /// A stale state lasts for all tasks, not for those of one share: walks are closer than the usual.
  private var pace = WalkPace(distanceNs: 1_000_000_000, distanceFactor: 20)

  /// The interval between two readings. At 100 ms they took a tenth of what 24,000 forks a second
  /// cost the reader (209 to 189 ns an event).
  static let lookEveryMilliseconds: Int32 = 500

  init(_ reading: Reading, at now: UInt64) {
    skipped = reading.skipped
    untold = Array(repeating: 0, count: reading.skipped.count)
    lookedNs = now
  }

  func isTimeToLook(at now: UInt64) -> Bool {
    now &- lookedNs >= UInt64(Self.lookEveryMilliseconds) * 1_000_000
  }

  mutating func look(_ reading: Reading, at now: UInt64) -> [Finding] {
    var findings: [Finding] = []
    if count(reading.skipped) { findings.append(.skipped) }
    if reading.fexitRuns != fexitRuns {
      fexitRuns = reading.fexitRuns
      if fexitRuns { mustWalk = true } else { stoppedSinceNs = lookedNs }
      findings.append(fexitRuns ? .resumed : .stopped)
    }
    lookedNs = now
    return findings
  }

  private mutating func count(_ totals: [UInt64]) -> Bool {
    let hadUntold = hasUntoldSkips
    var hasRisen = false
    for kind in totals.indices where totals[kind] > skipped[kind] {
      untold[kind] += totals[kind] - skipped[kind]
      skipped[kind] = totals[kind]
      hasRisen = true
    }
    if hasRisen && !hadUntold { untoldSinceNs = lookedNs }
    return hasRisen
  }

  private var hasUntoldSkips: Bool { untold.contains { $0 > 0 } }
  var hasUntold: Bool { hasUntoldSkips || stoppedSinceNs != nil }

  /// Whether a FREED record has come for every namespace that was freed, as far as is known.
  var reportsAllFreed: Bool { fexitRuns && untold[Int(NST_KIND_FREED.rawValue)] == 0 }

  /// Whether losses are to be reported and followed by a walk, as of the last reading.
  var isWalkDue: Bool { mustWalk || hasUntoldSkips && pace.isFarEnough(at: lookedNs) }

  /// `call_exit` replaces the fexit programs from now on.
  mutating func fexitIsReplaced() {
    fexitRuns = true
    mustWalk = true
  }

  /// The loss of fexit programs that do not run. No walk mends it until they run again, so it is
  /// reported alone.
  mutating func takeStop() -> [RecordLoss] {
    guard let since = stoppedSinceNs else { return [] }
    stoppedSinceNs = nil
    // The count is not known: 1 stands for it.
    return [NST_KIND_SWITCH, NST_KIND_FREED].map {
      RecordLoss(kind: $0.rawValue, count: 1, flags: UInt16(NST_LOST_OFF), sinceNs: since)
    }
  }

  /// All losses that are not reported yet.
  mutating func take() -> [RecordLoss] {
    var losses = takeStop()
    for kind in untold.indices where untold[kind] > 0 {
      losses.append(
        RecordLoss(
          kind: UInt16(kind), count: untold[kind], flags: UInt16(NST_LOST_SKIPPED),
          sinceNs: untoldSinceNs))
      untold[kind] = 0
    }
    return losses
  }

  mutating func walkBegins(at now: UInt64) {
    pace.walkBegins(at: now)
    mustWalk = false
  }

  /// The state is whole after a walk. It goes stale again if fexit programs still do not run.
  mutating func walkEnds(at now: UInt64) {
    pace.walkEnds(at: now)
    if !fexitRuns { stoppedSinceNs = pace.beganNs }
  }
}
