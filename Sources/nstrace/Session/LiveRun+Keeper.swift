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

  /// When the keeper is to be rid of registrations that nothing needs any more; nil: it has none. While the
  /// state is unsure a container may only seem to have ended, and while an output owes the record of its
  /// end, the next tracer would have to tell it.
  var spentDue: ContinuousClock.Instant? {
    guard hasSpent, !pipeline.tracer.tracker.isUnsure, !pipeline.tracer.isWaiting,
      lacksRoom || !owesRecords
    else { return nil }
    return forgetDue
  }

  /// Whether a container has ended, many processes have joined one, or there was no room for another.
  private var hasSpent: Bool {
    pipeline.state.containerEnds != forgottenEnds || lacksRoom
      || pipeline.source.nextNumber - forgottenNumber >= Self.joinsAtOnce
  }

  /// A sixteenth of what a keeper has room for.
  private static var joinsAtOnce: UInt32 { 4096 }

  /// Removes them from the keeper, at a rest: a tracer that is killed before tells their end again.
  /// It costs a sixteenth of the time at most, because the kernel walks over all tasks.
  mutating func forgetSpent() throws {
    guard let due = spentDue, ContinuousClock.now >= due else { return }
    forgottenEnds = pipeline.state.containerEnds
    forgottenNumber = pipeline.source.nextNumber
    lacksRoom = false
    let began = ContinuousClock.now
    try forgetAllSpent()
    let ended = ContinuousClock.now
    forgetDue = ended + (ended - began) * 16
  }

  private mutating func forgetAllSpent() throws {
    guard pipeline.source.keeper?.registers == true else { return }
    try pipeline.source.forgetSpent(pipeline.tracer.tracker.registrationUses)
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
