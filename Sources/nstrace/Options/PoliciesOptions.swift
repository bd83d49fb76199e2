// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The policies to compare.
struct PoliciesOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Two or more of: \(PolicyName.list()).", valueName: "name"),
    completion: PolicyName.completion, transform: PolicyName.parse)
  var policy: [any ContainerPolicy] = []

  func validate() throws {
    guard policy.count > 1 else { throw ValidationError("give --policy twice or more") }
  }
}
