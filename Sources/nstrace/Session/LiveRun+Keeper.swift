// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// The keeper: what of the containers outlives the run.
extension LiveRun {
  /// The keeper that the attendant pins, and unpins at the end. Another user than root cannot.
  static func attended(_ keeper: Keeper?, _ privileges: PrivilegeOptions) -> Keeper? {
    guard let keeper, keeper.registers, privileges.user == nil else { return nil }
    return keeper
  }

  /// When to look for registrations that nothing needs any more, or to remove those that were found; nil:
  /// not now. While the state is unsure a container may only seem to have ended.
  var spentDue: ContinuousClock.Instant? {
    if let spent { return writtenEvents.written >= spent.made ? forgetDue : nil }
    let isSure = !pipeline.tracer.tracker.isUnsure && !pipeline.tracer.isWaiting
    return hasSpent && isSure ? forgetDue : nil
  }

  /// Whether a container has ended, many processes have joined one, or there was no room for another.
  private var hasSpent: Bool {
    pipeline.state.containerEnds != forgottenEnds || lacksRoom
      || pipeline.source.nextNumber - forgottenNumber >= Self.joinsAtOnce
  }

  /// A sixteenth of what a keeper has room for.
  private static var joinsAtOnce: UInt32 { 4096 }

  /// Removes them from the keeper, at a rest, once the records of the ends are written: the next tracer
  /// would not tell those ends. It costs a sixteenth of the time at most, because the kernel walks over
  /// all tasks.
  mutating func forgetSpent() throws {
    guard let due = spentDue, ContinuousClock.now >= due else { return }
    if spent == nil { try findSpent() }
    guard let found = spent, writtenEvents.written >= found.made else { return }
    let began = ContinuousClock.now
    try pipeline.source.forget(found.numbers)
    spent = nil
    let ended = ContinuousClock.now
    forgetDue = ended + (ended - began) * 16
  }

  private mutating func findSpent() throws {
    forgottenEnds = pipeline.state.containerEnds
    forgottenNumber = pipeline.source.nextNumber
    lacksRoom = false
    let numbers = try pipeline.source.spentRegistrations(pipeline.tracer.tracker.registrationUses)
    spent = (numbers, writtenEvents.made)
  }

  /// At the end of the run, which writes all records.
  private mutating func forgetAllSpent() throws {
    let numbers = try pipeline.source.spentRegistrations(pipeline.tracer.tracker.registrationUses)
    try pipeline.source.forget(numbers)
  }

  /// Warns once if registrations are not kept.
  mutating func noticeKeeper() {
    guard let failure = pipeline.source.keeper?.takeFailure(), !hasWarnedOfKeeper else { return }
    hasWarnedOfKeeper = true
    Diagnostics.warn("\(failure): containers registered now end with this tracer")
  }

  /// Says that the keeper is pinned after all, when a warning has said that it is not.
  func noticePins() {
    guard let keeper = pipeline.source.keeper else { return }
    keeper.notePins()
    Diagnostics.say("the keeper in \(keeper.path) is pinned now: container IDs outlive this tracer")
  }

  /// Warns once if the keeper of another tracer was removed. The next one is another keeper, and the
  /// sandbox lets this tracer open none.
  mutating func noticeRemoval() {
    guard !hasWarnedOfRemoval, let keeper = pipeline.source.keeper, !keeper.registers,
      keeper.isRemoved
    else { return }
    hasWarnedOfRemoval = true
    Diagnostics.warn(
      "the keeper in \(keeper.path) was removed: this tracer sees no later registration; "
        + "start it again to see those")
  }

  /// Keeps what became of stains. Warns once if there is no room.
  mutating func keepStains() {
    let changes = pipeline.tracer.tracker.takeStainChanges()
    if changes.isEmpty { return }
    do throws(SystemError) {
      try pipeline.source.keep(changes)
    } catch {
      if hasWarnedOfStains { return }
      hasWarnedOfStains = true
      Diagnostics.warn("\(error): from now on namespaces lose IDs when this tracer ends")
    }
  }

  /// Whether a namespace still has an ID. One that has just ended is perhaps not freed yet.
  private mutating func hasStains() throws -> Bool {
    let end = ContinuousClock.now + .milliseconds(200)
    while try pipeline.source.forgetGoneStains() {
      if ContinuousClock.now >= end { return true }
      pipeline.source.nap(milliseconds: 10)
    }
    return false
  }

  /// Leaves in the keeper only what lives, and takes it away at the end of the run if that is nothing:
  /// no container, nor a namespace that has an ID. Another user than root leaves it where it is.
  mutating func leaveKeeper() {
    guard let keeper = pipeline.source.keeper, keeper.isPinned, !pipeline.tracer.tracker.isUnsure
    else { return }
    do {
      try forgetAllSpent()
      guard Self.attended(keeper, privileges) != nil, !keeper.stays, try !keeper.hasContainers,
        try !hasStains(), try keeper.isEmpty
      else { return }
      // No number of a session is given twice in a boot.
      if keeper.lastSession > 0 {
        try logFiles.attendant?.restKeeper()
      } else {
        try logFiles.attendant?.unpinKeeper()
      }
      keeper.noteRemoval()
    } catch {
      Diagnostics.warn("\(error): the keeper stays in \(keeper.path)")
    }
  }
}
