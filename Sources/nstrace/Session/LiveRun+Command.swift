// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The program that is traced.
extension LiveRun {
  var isCommandRunning: Bool { plan.command.map { $0.status == nil } ?? false }

  /// Has the program execute once all of it can be seen, and stops when it, or all that it has started, has ended and
  /// their records are read: who pages through them reads on.
  /// - Throws: `TracedCommand.Refusal`, or what ends the run.
  mutating func followCommand() throws {
    guard let command = plan.command, isAnnounced else { return }
    try command.execute()
    command.reap()
    guard command.status != nil, plan.endsWithCommand || plan.output.tree?.hasEnded != false
    else { return }
    try settle()
    pipeline.sink.flush()
    if pipeline.sink.main.state.awaited == nil { stop() }
  }
}
