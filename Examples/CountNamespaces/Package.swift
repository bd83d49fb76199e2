// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// In a package of your own: .package(url: "…/nstrace", branch: "main"). It needs nothing but Swift.
let package = Package(
  name: "CountNamespaces",
  dependencies: [.package(name: "nstrace", path: "../..")],
  targets: [
    .executableTarget(
      name: "count-namespaces", dependencies: [.product(name: "NSTrace", package: "nstrace")])
  ]
)
