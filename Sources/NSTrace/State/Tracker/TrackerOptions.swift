// SPDX-License-Identifier: Apache-2.0

/// What a run is asked for beyond the RFC.
public struct TrackerOptions: Sendable {
  /// NS_CREATE and NS_CHANGE say `nshash=` (T5). Under a policy that gives IDs by sets of namespaces
  /// they always do.
  public var identifiesSets = false
  /// The beginning and the end of a container are told as a virtual machine's, too (T8).
  public var tellsLifecycle = false
  /// Where IDs come from.
  public var containers = ContainerSource.registered
  /// How the cgroups of containers are spelt, besides the ways that are known.
  public var cgroupPatterns: [CgroupPattern] = []

  /// Options, each of which may be left as it is.
  public init(
    identifiesSets: Bool = false, tellsLifecycle: Bool = false,
    containers: ContainerSource = .registered, cgroupPatterns: [CgroupPattern] = []
  ) {
    self.identifiesSets = identifiesSets
    self.tellsLifecycle = tellsLifecycle
    self.containers = containers
    self.cgroupPatterns = cgroupPatterns
  }
}
