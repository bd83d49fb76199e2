// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Where container IDs come from.
struct ContainerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where container IDs come from: registered, or cgroup (from the paths of cgroups too).",
      valueName: "source"))
  var containers = Choice(ContainerSource.registered)

  var chosen: ContainerSource { containers.value }
}
