// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The position on container IDs under which registrations are judged.
struct PolicyOptions: ParsableArguments {
  // A list, so that a second one is refused and not taken for the first.
  @Option(
    help: ArgumentHelp(
      "How to judge: \(PolicyName.list(markingDefault: true)).", valueName: "name"),
    completion: PolicyName.completion, transform: PolicyName.parse)
  var policy: [any ContainerPolicy] = []

  func validate() throws {
    guard policy.count <= 1 else { throw ValidationError("give one --policy") }
  }

  var chosen: any ContainerPolicy { policy.first ?? RFCPolicy() }

  /// - Throws: `ValidationError` for a policy that takes no IDs from `containers`.
  func check(_ containers: ContainerOptions) throws {
    guard containers.containers.value == .registered || !chosen.labelsSets else {
      throw ValidationError("under --policy automatic IDs come from namespaces: no --containers")
    }
  }
}
