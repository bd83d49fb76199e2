// SPDX-License-Identifier: Apache-2.0

/// What a run records beyond the RFC.
public struct TrackerOptions: Sendable {
  /// NS_CREATE and NS_CHANGE have `nshash=` (T5). Under a policy that takes IDs from sets of
  /// namespaces they always have it.
  public var identifiesSets = false
  /// The beginning and the end of a container are also recorded as a virtual machine's (T8).
  public var tellsLifecycle = false
  /// Where IDs come from.
  public var containers = ContainerSource.registered
  /// Spellings of containers' cgroups besides the known ones.
  public var cgroupPatterns: [CgroupPattern] = []
  /// Whether it is remembered what tasks belonged to that have ended, so that audit events of theirs can
  /// be joined. In a stream that has audit records it is in any case.
  public var joinsAudit = false
  /// Events have the path of their subject's cgroup, for a filter.
  package var tellsCgroups = false
  /// How many changes and ends of tasks are remembered for that.
  package var rememberedEnds = StayTable.defaultLimit

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
