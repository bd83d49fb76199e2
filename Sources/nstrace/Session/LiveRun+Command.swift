// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The program that is traced.
extension LiveRun {
  var isCommandRunning: Bool { plan.command.map { $0.status == nil } ?? false }

  /// Has the program execute once all of it can be seen, and stops when it, or all that it has started, has ended.
  /// - Throws: `TracedCommand.Refusal`
  mutating func followCommand() throws(TracedCommand.Refusal) {
    guard let command = plan.command, isAnnounced else { return }
    try command.execute()
    command.reap()
    guard command.status != nil else { return }
    if plan.endsWithCommand || plan.output.tree?.hasEnded != false { stop() }
  }
}
