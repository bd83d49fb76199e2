// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// Elsewhere: .package(url: "…/nstrace", branch: "main"). Nothing but Swift is needed.
let package = Package(
  name: "CountNamespaces",
  dependencies: [.package(name: "nstrace", path: "../..")],
  targets: [
    .executableTarget(
      name: "count-namespaces", dependencies: [.product(name: "NSTrace", package: "nstrace")])
  ]
)
