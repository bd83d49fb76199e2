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

let library: [SwiftSetting] =
  settings + [.enableUpcomingFeature("MemberImportVisibility"), .strictMemorySafety()]

// Built by `make fuzz` with --sanitize fuzzer, which instruments nstrace too. It has nstrace's sources again as
// targets of its own: an executable cannot be imported from another package, and the program uses what only its
// own package sees of the libraries.
let package = Package(
  name: "Fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CZlib"),
    .target(name: "CNSWire"),
    .target(name: "CLinux", dependencies: ["CNSWire"]),
    .target(name: "CBPF", dependencies: ["CNSWire"], linkerSettings: [.linkedLibrary("bpf")]),
    .target(name: "NSTrace", dependencies: ["CNSWire", "CLinux"], swiftSettings: library),
    .target(
      name: "NSTraceLive", dependencies: ["CBPF", "CLinux", "CNSWire", "NSTrace"],
      swiftSettings: library),
    .target(
      name: "NSTraceConformance", dependencies: ["CNSWire", "NSTrace"], swiftSettings: library),
    .target(
      name: "NSTraceQuery", dependencies: ["CLinux", "CSQLite", "NSTrace"], swiftSettings: library),
    // The entry point is renamed, because libFuzzer has the main function.
    .target(
      name: "Program",
      dependencies: [
        "CLinux", "CNSWire", "CZlib", "NSTrace", "NSTraceConformance", "NSTraceLive",
        "NSTraceQuery",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings + [
        .unsafeFlags(["-Xfrontend", "-entry-point-function-name", "-Xfrontend", "program_main"])
      ]
    ),
    .executableTarget(
      name: "nstrace-fuzz",
      dependencies: ["CLinux", "CNSWire", "NSTrace", "NSTraceConformance", "Program"],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
