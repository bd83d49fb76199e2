// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Which containers are shown, or whose records.
struct ContainerFilterOptions: ParsableArguments {
  @Option(
    name: [.customLong("container"), .customLong("contid")],
    help: ArgumentHelp(
      "Only this container: its ID, its name, or the beginning of one.", valueName: "id"),
    transform: ChosenContainer.init)
  var container: [ChosenContainer] = []

  func apply(to filter: inout RecordFilter) {
    for one in container where one.isExcluded { _ = filter.excludedContainers.insert(one.name) }
    for one in container where !one.isExcluded { _ = filter.containers.insert(one.name) }
  }
}
