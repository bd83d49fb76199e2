// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Fields and records that are written only on request.
struct DetailOptions: ParsableArguments {
  @Flag(help: "Add nshash=: a hash of all the task's namespaces after a change.")
  var nshash = false

  @Flag(help: "Add virtualization lifecycle records, for auvirt and ausearch -vm.")
  var virt = false

  func apply(to options: inout TrackerOptions) {
    options.identifiesSets = nshash
    options.tellsLifecycle = virt
  }
}
