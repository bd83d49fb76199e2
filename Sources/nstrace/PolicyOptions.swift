// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Under which position on container IDs registrations are judged.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How registrations are judged: \(ContainerPolicies.names.joined(separator: ", ")).",
      valueName: "name"))
  var policy = PolicyName(policy: RFCPolicy())

  var chosen: any ContainerPolicy { policy.policy }
}

/// A policy as it is named on the command line.
struct PolicyName: ExpressibleByArgument {
  let policy: any ContainerPolicy

  init(policy: any ContainerPolicy) { self.policy = policy }

  init?(argument: String) {
    guard let policy = ContainerPolicies.named(argument) else { return nil }
    self.policy = policy
  }

  static var allValueStrings: [String] { ContainerPolicies.names }
  var defaultValueDescription: String { "\(policy.name)" }
}
