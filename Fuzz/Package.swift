// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
  // A debug build, because of @testable. It is optimised, because the checks cost as much as the code.
  .unsafeFlags(["-O"]),
]

// Built by `make fuzz` with --sanitize fuzzer, which instruments nstrace too.
let package = Package(
  name: "Fuzz",
  dependencies: [
    .package(name: "nstrace", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // The program's sources again, because an executable cannot be imported here. The entry point is
    // renamed, because libFuzzer has the main function.
    .target(
      name: "Program",
      dependencies: [
        .product(name: "NSTrace", package: "nstrace"),
        .product(name: "NSTraceConformance", package: "nstrace"),
        .product(name: "NSTraceLive", package: "nstrace"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings + [
        .unsafeFlags(["-Xfrontend", "-entry-point-function-name", "-Xfrontend", "program_main"])
      ]
    ),
    .executableTarget(
      name: "nstrace-fuzz",
      dependencies: [
        "Program", .product(name: "NSTrace", package: "nstrace"),
        .product(name: "NSTraceConformance", package: "nstrace"),
      ],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
