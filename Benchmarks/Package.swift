// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "nstrace", path: "..")],
  targets: [
    .executableTarget(
      name: "nstrace-bench",
      dependencies: [
        .product(name: "NSTrace", package: "nstrace"),
        // The naive model shares the reading of cgroups with conformance.
        .product(name: "NSTraceConformance", package: "nstrace"),
      ],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
      ]
    )
  ],
  swiftLanguageModes: [.v6]
)
