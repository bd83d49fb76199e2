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

  /// Removes the registrations of ended containers from the keeper, at a rest, once a second at most.
  /// While the state is unsure a container may only seem to have ended.
  mutating func forgetEnded() throws {
    let ends = pipeline.state.containerEnds
    guard ends != forgottenEnds, ContinuousClock.now >= forgetDue,
      !pipeline.tracer.tracker.isUnsure, !pipeline.tracer.isWaiting
    else { return }
    forgottenEnds = ends
    forgetDue = ContinuousClock.now + .seconds(1)
    try forgetAllEnded()
  }

  private mutating func forgetAllEnded() throws {
    let living = pipeline.state.livingContainers
    try pipeline.source.forgetEnded { living.contains($0) }
  }

  /// Warns once if registrations are not kept.
  mutating func noticeKeeper() {
    guard let failure = pipeline.source.keeper?.takeFailure(), !hasWarnedOfKeeper else { return }
    hasWarnedOfKeeper = true
    Diagnostics.warn("\(failure): containers registered now end with this tracer")
  }

  /// Takes the keeper away at the end of the run if no container lives. Another user than root leaves
  /// it where it is.
  mutating func leaveKeeper() {
    guard let keeper = Self.attended(pipeline.source.keeper, privileges), keeper.isPinned,
      !keeper.stays, !pipeline.tracer.tracker.isUnsure
    else { return }
    do {
      try forgetAllEnded()
      guard try keeper.isEmpty else { return }
      try logFiles.attendant?.unpinKeeper()
    } catch {
      Diagnostics.warn("\(error): the keeper stays in \(keeper.path)")
    }
  }
}
