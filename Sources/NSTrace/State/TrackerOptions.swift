// SPDX-License-Identifier: Apache-2.0

/// What is told beyond what the RFC asks for.
public struct TrackerOptions: Sendable {
  /// NS_CREATE and NS_CHANGE say `nshash=` (T5). Under a policy that gives IDs by sets of namespaces
  /// they always do.
  public var identifiesSets = false
  /// The beginning and the end of a container are told as a virtual machine's, too (T8).
  public var tellsLifecycle = false

  public init(identifiesSets: Bool = false, tellsLifecycle: Bool = false) {
    self.identifiesSets = identifiesSets
    self.tellsLifecycle = tellsLifecycle
  }
}
