// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
internal import NSTrace

// MARK: - What the kernel does not run

extension KernelSource {
  /// How soon `next(into:)` has to be called though the descriptor is not readable: fexit programs may have
  /// stopped. nil: not before it is.
  public var patienceMilliseconds: Int32? {
    if watch.hasUntold { return Int32(HookWatch.lookEveryNs / 1_000_000) }
    return tierReason == .fexit && fallback != .used ? HookWatch.idleLookMilliseconds : nil
  }

  /// What was noticed since the last call, for a person to read.
  public mutating func takeNotices() -> [HookNotice] {
    defer { notices = [] }
    return notices
  }

  /// Looks at the programs when it is time to, and encodes a loss that no walk can mend.
  mutating func watchHooks() {
    let now = Self.now(CLOCK_BOOTTIME)
    guard watch.isTimeToLook(at: now) else { return }
    lookAtHooks(at: now)
    guard !watch.isWalkDue else { return }
    for loss in watch.takeStop() { append(loss) }
  }

  mutating func lookAtHooks() { lookAtHooks(at: Self.now(CLOCK_BOOTTIME)) }

  private mutating func lookAtHooks(at now: UInt64) {
    guard let reading = readHooks() else { return }
    for finding in watch.look(reading, at: now) { react(to: finding) }
  }

  mutating func appendSkips() {
    for loss in watch.take() { append(loss) }
  }

  private mutating func append(_ loss: HookWatch.Loss) {
    appendLost(kind: loss.kind, count: loss.count, since: loss.sinceNs, flags: loss.flags)
  }

  /// nil: the kernel does not say.
  func readHooks() -> HookWatch.Reading? {
    var skipped = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))
    let result = unsafe skipped.withUnsafeMutableBufferPointer { counts in
      unsafe nst_probe_skipped(probe.raw, counts.baseAddress)
    }
    guard result == 0 else { return nil }
    let fexitRuns = unsafe nst_probe_fexit_runs(probe.raw) != 0
    return HookWatch.Reading(skipped: skipped, fexitRuns: fexitRuns)
  }

  private mutating func react(to finding: HookWatch.Finding) {
    switch finding {
    case .skipped:
      if !hasNoticedSkips { notices.append(.skips) }
      hasNoticedSkips = true
      fallBack()
    case .stopped:
      notices.append(.ftraceIsOff)
      fallBack()
    case .resumed: notices.append(.ftraceIsOn)
    }
  }

  /// Under `HookTier.auto`, once: has the return of all system calls looked at in place of fexit programs.
  private mutating func fallBack() {
    guard fallback == .untried, unsafe nst_probe_can_fall_back(probe.raw) != 0 else { return }
    let result = unsafe nst_probe_fall_back(probe.raw)
    guard result == 0 else {
      fallback = .failed
      let error = SystemError("look at the return of system calls", errno: -result)
      return notices.append(.cannotFallBack(error))
    }
    fallback = .used
    notices.append(.fallsBack)
    watch.fexitIsReplaced()
  }
}
