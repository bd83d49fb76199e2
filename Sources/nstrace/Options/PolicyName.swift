// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The names of policies on the command line.
enum PolicyName {
  static let completion = CompletionKind.list(ContainerPolicies.names)

  /// - Throws: `ValidationError`, which lists the valid names.
  static func parse(_ name: String) throws -> any ContainerPolicy {
    guard let policy = ContainerPolicies.named(name) else {
      throw ValidationError("'\(name)' is no policy: give \(list())")
    }
    return policy
  }

  /// All names, separated by commas. The first is the default.
  static func list(markingDefault: Bool = false) -> String {
    var names = ContainerPolicies.names
    if markingDefault { names[0] += " (default)" }
    return names.joined(separator: ", ")
  }
}
