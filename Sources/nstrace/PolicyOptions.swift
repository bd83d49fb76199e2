// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Under which position on container IDs registrations are judged.
struct PolicyOptions: ParsableArguments {
  /// A list, for compare takes several, and `nstrace` itself takes a --policy wherever it stands.
  @Option(
    help: ArgumentHelp(
      "How registrations are judged: \(ContainerPolicies.names.joined(separator: ", ")) "
        + "(default: rfc).",
      valueName: "name"))
  var policy: [PolicyName] = []

  /// - Throws: `ValidationError` for more than one.
  func chosen() throws -> any ContainerPolicy {
    guard policy.count <= 1 else { throw ValidationError("give one --policy") }
    return policy.first?.policy ?? RFCPolicy()
  }
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
}
