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

  /// - Parameter containers: where IDs come from.
  /// - Throws: `ValidationError` for more than one, and for one that takes no IDs from there.
  func chosen(containers: ContainerSource = .registered) throws -> any ContainerPolicy {
    guard policy.count <= 1 else { throw ValidationError("give one --policy") }
    let chosen = policy.first?.policy ?? RFCPolicy()
    guard containers == .registered || !chosen.labelsSets else {
      throw ValidationError("under --policy automatic IDs come from namespaces: no --containers")
    }
    return chosen
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
