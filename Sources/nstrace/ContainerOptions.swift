// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Where container IDs come from.
struct ContainerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where container IDs come from: registered, or cgroup (from the paths of cgroups too).",
      valueName: "source"))
  var containers = ContainerSourceName(source: .registered)

  var chosen: ContainerSource { containers.source }
}

/// A source as it is named on the command line.
struct ContainerSourceName: ExpressibleByArgument {
  let source: ContainerSource

  init(source: ContainerSource) { self.source = source }

  init?(argument: String) {
    guard let source = ContainerSource(rawValue: argument) else { return nil }
    self.source = source
  }

  static var allValueStrings: [String] { ContainerSource.allCases.map(\.rawValue) }
  var defaultValueDescription: String { source.rawValue }
}
