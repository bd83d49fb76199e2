// SPDX-License-Identifier: Apache-2.0

/// The positions that can be chosen, for `--policy`.
public enum ContainerPolicies {
  /// The RFC's own.
  public static var rfc: any ContainerPolicy { RFCPolicy() }

  /// All positions; the first is the default.
  public static let all: [any ContainerPolicy] = [
    RFCPolicy(), KernelV11Policy(), WriteOncePolicy(), NestedPolicy(), AutomaticPolicy(),
    RandomOnlyPolicy(), TagsPolicy(), XIDPolicy(),
  ]

  /// Their names, in the same order.
  public static var names: [String] { all.map { "\($0.name)" } }

  /// The policy with that name; nil: there is none.
  public static func named(_ name: String) -> (any ContainerPolicy)? {
    all.first { "\($0.name)" == name }
  }
}
