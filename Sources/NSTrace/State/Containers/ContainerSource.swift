// SPDX-License-Identifier: Apache-2.0

/// Where container IDs come from.
public enum ContainerSource: String, CaseIterable, Sendable {
  /// From registrations alone (RFC R1); under some policies also from namespaces.
  case registered
  /// Also from the paths of cgroups, as runtimes name them. A registration takes precedence.
  case cgroup
}
