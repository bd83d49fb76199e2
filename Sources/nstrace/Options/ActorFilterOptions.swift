// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// By whom records are shown.
struct ActorFilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only by tasks of this name (a glob).", valueName: "glob"))
  var comm: [String] = []

  @Option(help: ArgumentHelp("Only by this program (a glob).", valueName: "glob"))
  var exe: [String] = []

  @Option(help: ArgumentHelp("Only by this user.", valueName: "user"), transform: UserNumber.init)
  var uid: [UserNumber] = []

  @Option(
    help: ArgumentHelp("Only by who logged in as this user, or unset.", valueName: "user"),
    transform: UserNumber.init)
  var auid: [UserNumber] = []

  @Option(help: ArgumentHelp("Only by tasks in this cgroup (a glob).", valueName: "glob"))
  var cgroup: [String] = []

  func apply(to filter: inout RecordFilter) {
    for pattern in comm { filter.actor.comm.insert(pattern) }
    for pattern in exe { filter.actor.exe.insert(pattern) }
    for pattern in cgroup { filter.actor.cgroup.insert(pattern) }
    for user in uid { filter.actor.uid.insert(user.number, isExcluded: user.isExcluded) }
    for user in auid { filter.actor.auid.insert(user.number, isExcluded: user.isExcluded) }
  }
}
