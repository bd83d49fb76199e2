// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// What is said besides, because few want to read it.
struct DetailOptions: ParsableArguments {
  @Flag(help: "Add nshash=: a hash of all the task's namespaces after a change.")
  var nshash = false

  @Flag(help: "Add the records of virtual machines, for auvirt and ausearch -vm.")
  var virt = false

  /// Puts what was chosen into the options of a tracker.
  func apply(to options: inout TrackerOptions) {
    options.identifiesSets = nshash
    options.tellsLifecycle = virt
  }
}
