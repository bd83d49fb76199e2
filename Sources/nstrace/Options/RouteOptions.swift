// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Where containers' copies of the records go.
struct RouteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write each container's own copy to a file in this directory.", valueName: "directory"),
    completion: .directory)
  var route: String?

  @Option(
    help: ArgumentHelp(
      "Names, sockets and types of containers' copies.", valueName: "file"),
    completion: .file())
  var routeRules: String?

  /// Nil: there are no copies.
  var plan: RoutePlan? {
    if route == nil, routeRules == nil { return nil }
    return RoutePlan(directory: route, rules: routeRules)
  }
}
