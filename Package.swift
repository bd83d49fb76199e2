// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "nstrace",
  products: [
    .library(name: "NSTrace", targets: ["NSTrace"]),
    .executable(name: "nstrace", targets: ["nstrace"]),
  ],
  dependencies: [
    // Options, subcommands, --help and completions, as users of Swift tools know them.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(
      name: "CBPF",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("bpf")]
    ),
    .target(
      name: "NSTrace",
      dependencies: ["CBPF"],
      swiftSettings: settings + [
        .strictMemorySafety(),
        // The live tests run the loop in the test process, where it must keep up with a storm.
        .unsafeFlags(["-O"], .when(configuration: .debug)),
      ]
    ),
    .executableTarget(
      name: "nstrace",
      dependencies: [
        "CBPF",
        "NSTrace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    // What the live tests trace; found beside the test bundle.
    .executableTarget(
      name: "nsactor",
      dependencies: ["CBPF"],
      path: "Tests/Actors",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]
    ),
    .testTarget(
      name: "NSTraceTests",
      dependencies: [
        "NSTrace", "nstrace", "CBPF",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
