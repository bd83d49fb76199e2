// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// The live library needs libbpf and the compiled BPF programs: first run `make setup build` in the repository.
let package = Package(
  name: "FollowNamespaces",
  dependencies: [.package(name: "nstrace", path: "../..")],
  targets: [
    .executableTarget(
      name: "follow-namespaces",
      dependencies: [
        .product(name: "NSTrace", package: "nstrace"),
        .product(name: "NSTraceLive", package: "nstrace"),
      ])
  ]
)
