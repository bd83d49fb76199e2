// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The policy by which registrations are judged.
struct PolicyOptions: ParsableArguments {
  // A list, because the parser would silently take the last of two values.
  @Option(
    help: ArgumentHelp(
      "Policy: \(PolicyName.list(markingDefault: true)).", valueName: "name"),
    completion: PolicyName.completion, transform: PolicyName.parse)
  var policy: [any ContainerPolicy] = []

  func validate() throws {
    guard policy.count <= 1 else { throw ValidationError("give one --policy") }
  }

  var chosen: any ContainerPolicy { policy.first ?? RFCPolicy() }

  /// - Throws: `ValidationError` if the policy does not use the IDs of `containers`.
  func check(_ containers: ContainerOptions) throws {
    guard containers.containers.value == .registered || !chosen.labelsSets else {
      throw ValidationError("under --policy automatic IDs come from namespaces: no --containers")
    }
  }
}
