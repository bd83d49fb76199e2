// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// What a person is told of the keeper.
enum KeeperWarnings {
  /// Says in one line that there is none, or what is particular about it.
  static func say(_ keeper: Keeper?, _ failure: KeeperError?) {
    if let failure {
      Diagnostics.warn(
        failure.leavesRegistrations
          ? "\(failure): this tracer registers no containers"
          : "\(failure); container IDs end with this tracer")
    }
    guard let keeper else { return }
    if !keeper.registers {
      Diagnostics.say(
        "another tracer registers the containers of \(keeper.path): this one only reads")
    }
    if keeper.replacesHalf {
      Diagnostics.warn(
        "the keeper in \(keeper.path) had no link, and births were missed: a new one replaces it")
    }
    say(keeper.renewal, of: keeper.path)
    let damaged = keeper.damagedEntries
    if damaged > 0 {
      Diagnostics.warn("\(damaged) entries in \(keeper.path) are damaged, and left out")
    }
  }

  /// Warns of a keeper that `--no-keep` leaves alone.
  static func sayUnused(at path: String) {
    guard (try? Keeper(existingAt: path)) != nil else { return }
    Diagnostics.warn(
      "there is a keeper in \(path), which --no-keep leaves alone: this tracer does not know its "
        + "containers, and can give their tasks other IDs")
  }

  /// Says if the program of another version of nstrace was replaced, or why not.
  static func say(_ renewal: KeeperRenewal, of path: String) {
    switch renewal {
    case .unneeded, .due: break
    case .done: Diagnostics.say("the keeper's program in \(path) is now this version's")
    case .locked:
      Diagnostics.say(
        "the keeper in \(path) is locked until reboot: the program of the nstrace that made it stays"
      )
    case .failed(let error):
      Diagnostics.warn("\(error): the program in \(path) stays that of the nstrace that made it")
    }
  }

  /// Pins a keeper that this tracer has made, while it is still root.
  static func pinNow(_ keeper: Keeper?) {
    guard let keeper, keeper.registers else { return }
    do throws(SystemError) {
      try keeper.pinNow()
    } catch {
      Diagnostics.warn("\(error): container IDs end with this tracer")
    }
  }
}
