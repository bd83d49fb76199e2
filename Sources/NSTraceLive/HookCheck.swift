// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Checks whether the kernel runs the attached programs, replaces fexit programs that it does not
/// run, and keeps the notices for a person.
struct HookCheck {
  private enum Fallback { case untried, failed, used }

  var watch: HookWatch
  /// Whether `call_exit` has replaced the fexit programs.
  private var fallback = Fallback.untried
  private var notices: [HookNotice] = []
  private var hasNoticedSkips = false
  private var hasNoticedBlindness = false

  /// - Parameter now: CLOCK_BOOTTIME, nanoseconds.
  init(at now: UInt64) {
    let none = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))
    watch = HookWatch(HookWatch.Reading(skipped: none), at: now)
  }

  private var isReplaced: Bool { fallback == .used }

  /// Whether the kernel side has reported every namespace that was freed, as far as is known.
  var reportsAllFreed: Bool { watch.reportsAllFreed && !isReplaced }

  /// How long the programs may stay unchecked while no record comes: milliseconds; nil: until the
  /// next record.
  /// - Parameter byFexit: fexit programs are attached, which can stop without a record.
  func patienceMilliseconds(byFexit: Bool) -> Int32? {
    watch.hasUntold || byFexit && !isReplaced ? HookWatch.lookEveryMilliseconds : nil
  }

  /// Gives the notices since the last call.
  mutating func takeNotices() -> [HookNotice] {
    defer { notices = [] }
    return notices
  }

  /// Reads the hooks' state if the interval has passed.
  /// - Returns: the losses that no walk can mend, to be reported at once.
  mutating func lookIfDue(_ port: inout some StreamPort & ~Copyable) -> [RecordLoss] {
    guard watch.isTimeToLook(at: port.now(.boot)) else { return [] }
    look(&port)
    return watch.isWalkDue ? [] : watch.takeStop()
  }

  mutating func look(_ port: inout some StreamPort & ~Copyable) {
    let now = port.now(.boot)
    guard let reading = port.readHooks() else {
      if !hasNoticedBlindness { notices.append(.cannotLook) }
      hasNoticedBlindness = true
      return
    }
    for finding in watch.look(reading, at: now) { react(to: finding, &port) }
  }

  private mutating func react(
    to finding: HookWatch.Finding, _ port: inout some StreamPort & ~Copyable
  ) {
    switch finding {
    case .skipped:
      if !hasNoticedSkips { notices.append(.skips) }
      hasNoticedSkips = true
      fallBack(&port)
    case .stopped:
      notices.append(.ftraceIsOff)
      fallBack(&port)
    case .resumed: notices.append(.ftraceIsOn)
    }
  }

  /// Attaches `call_exit`; tried only once.
  private mutating func fallBack(_ port: inout some StreamPort & ~Copyable) {
    guard fallback == .untried, port.canFallBack else { return }
    do throws(SystemError) {
      try port.fallBack()
      fallback = .used
      notices.append(.fallsBack)
      watch.fexitIsReplaced()
    } catch {
      fallback = .failed
      notices.append(.cannotFallBack(error))
    }
  }
}
