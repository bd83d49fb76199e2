// SPDX-License-Identifier: Apache-2.0

/// Where container IDs come from.
public enum ContainerSource: String, CaseIterable, Sendable {
  /// From registrations alone (RFC R1); under some policies from namespaces too.
  case registered
  /// From the paths of cgroups too, as runtimes name them. A registration always wins.
  case cgroup
}
