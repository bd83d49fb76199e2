// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The directory of containers' copies and the names in it.
struct RouteNames {
  /// Open, and looked at.
  var directory: Int32
  var path: String
  var rules: RouteRules

  /// The file of a container's copy.
  func path(of id: ContainerID) -> String {
    "\(path)/\(rules[id]?.fileName ?? RouteRule.fileName(of: id))"
  }
}
