// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Counts the runs of its programs that the kernel has skipped, and says when they are reported. Makes no
/// system call: readings and times go in, losses come out.
///
/// A loss is reported together with the walk that mends it. A process that has programs skipped on purpose
/// would otherwise cause a walk with each look, so walks keep a distance. What is skipped between them adds up.
struct HookWatch {
  /// What the kernel says at one moment.
  struct Reading: Equatable {
    /// Runs skipped since the programs were loaded, by the kind of record that is missing.
    var skipped: [UInt64]
    /// False: fexit programs do not run.
    var fexitRuns = true
  }

  /// What a look has found that the one before had not.
  enum Finding: Equatable { case skipped, stopped, resumed }

  /// As of the last look.
  private var skipped: [UInt64]
  /// Found, and not reported yet.
  private var untold: [UInt64]
  private var untoldSinceNs: UInt64 = 0
  private(set) var lookedNs: UInt64
  private(set) var fexitRuns = true
  /// Since when fexit programs do not run, if that is still to be reported.
  private var stoppedSinceNs: UInt64?
  /// They run again, or something else does their work: the state is to be mended at once.
  private var mustWalk = false
  private var walkBeganNs: UInt64 = 0
  private var walkEndedNs: UInt64 = 0
  private var walkTookNs: UInt64 = 0

  /// Between two looks while records come. A look takes some 20 µs: at every nap, 20 ms, it was a fifth of what
  /// 24,000 forks a second cost the reader.
  static let lookEveryNs: UInt64 = 100_000_000
  /// Between two looks while none come.
  static let idleLookMilliseconds: Int32 = 500
  /// Skipped programs begin a walk this long after the last one has ended, or so many times as long as that
  /// one took, whichever is longer.
  static let walkDistanceNs: UInt64 = 1_000_000_000
  static let walkDistanceFactor: UInt64 = 20

  init(_ reading: Reading, at now: UInt64) {
    skipped = reading.skipped
    untold = Array(repeating: 0, count: reading.skipped.count)
    lookedNs = now
  }

  func isTimeToLook(at now: UInt64) -> Bool { now &- lookedNs >= Self.lookEveryNs }

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

  /// Whether a FREED record has come for all that was freed, as far as is known.
  var reportsAllFreed: Bool { fexitRuns && untold[Int(NST_KIND_FREED.rawValue)] == 0 }

  /// As of the last look: losses are to be reported, and a walk is to follow.
  var isWalkDue: Bool {
    let distance = max(Self.walkDistanceNs, walkTookNs.saturatingMultiply(Self.walkDistanceFactor))
    return mustWalk || hasUntoldSkips && lookedNs &- walkEndedNs >= distance
  }

  /// Something else does the work of fexit programs from now on.
  mutating func fexitIsReplaced() {
    fexitRuns = true
    mustWalk = true
  }

  /// Fexit programs do not run. No walk helps until they do, so this loss is reported alone.
  mutating func takeStop() -> [RecordLoss] {
    guard let since = stoppedSinceNs else { return [] }
    stoppedSinceNs = nil
    // How many are missing nobody knows: 1 stands for them.
    return [NST_KIND_SWITCH, NST_KIND_FREED].map {
      RecordLoss(kind: $0.rawValue, count: 1, flags: UInt16(NST_LOST_OFF), sinceNs: since)
    }
  }

  /// All that is not reported yet.
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
    walkBeganNs = now
    mustWalk = false
  }

  /// The state is whole, but not for long while fexit programs do not run.
  mutating func walkEnds(at now: UInt64) {
    walkEndedNs = now
    walkTookNs = now &- walkBeganNs
    if !fexitRuns { stoppedSinceNs = walkBeganNs }
  }
}

extension UInt64 {
  fileprivate func saturatingMultiply(_ factor: UInt64) -> UInt64 {
    let (product, overflows) = multipliedReportingOverflow(by: factor)
    return overflows ? .max : product
  }
}
