// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
// Of the targets that are libraries; Tests/layers.sh takes them from here, too.
let library: [SwiftSetting] =
  swift + [
    .strictMemorySafety(),
    // The live tests run the loop in the test process, where it must keep up with a storm.
    .unsafeFlags(["-O"], .when(configuration: .debug)),
  ]
let c: [CSetting] = [
  .enableWarning("all"),
  .enableWarning("extra"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "nstrace",
  products: [
    .library(name: "NSTrace", targets: ["NSTrace"]),
    .library(name: "NSTraceLive", targets: ["NSTraceLive"]),
    .library(name: "NSTraceConformance", targets: ["NSTraceConformance"]),
    .executable(name: "nstrace", targets: ["nstrace"]),
  ],
  dependencies: [
    // Options, subcommands, --help and completions, as users of Swift tools know them.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // The wire, for the BPF programs, C and Swift. No library.
    .target(name: "CNSWire", cSettings: c),
    // System calls that Swift has no spelling for.
    .target(name: "CLinux", dependencies: ["CNSWire"], cSettings: c),
    // The BPF programs, and what loads them: nothing else knows libbpf.
    .target(
      name: "CBPF", dependencies: ["CNSWire"], cSettings: c,
      linkerSettings: [.linkedLibrary("bpf")]),
    // Reads logs that logrotate has compressed (`nstrace annotate`). libelf needs zlib in any case.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    // From bytes to text: no kernel, no library. One module, for generic code across modules takes
    // twice the time.
    .target(
      name: "NSTrace",
      dependencies: ["CNSWire", "CLinux"],
      swiftSettings: library
    ),
    .target(
      name: "NSTraceLive",
      dependencies: ["CBPF", "CLinux", "CNSWire", "NSTrace"],
      swiftSettings: library
    ),
    // Conditions in SQL (`--where`). Debian's, as everybody's tools have it: no package of Swift has to be fetched.
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .target(
      name: "NSTraceQuery",
      dependencies: ["CLinux", "CSQLite", "NSTrace"],
      swiftSettings: library
    ),
    .target(
      name: "NSTraceConformance",
      dependencies: ["CNSWire", "NSTrace"],
      swiftSettings: library
    ),
    .executableTarget(
      name: "nstrace",
      dependencies: [
        "CLinux", "CNSWire", "CZlib", "NSTrace", "NSTraceConformance", "NSTraceLive",
        "NSTraceQuery",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift
    ),
    // What the live tests trace; found beside the test bundle.
    .executableTarget(
      name: "nsactor",
      dependencies: ["CLinux", "CNSWire"],
      path: "Tests/Actors",
      cSettings: c
    ),
    .testTarget(
      name: "NSTraceTests",
      dependencies: [
        "CBPF", "CLinux", "CNSWire", "NSTrace", "NSTraceConformance", "NSTraceLive",
        "NSTraceQuery", "nstrace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: swift
    ),
  ],
  swiftLanguageModes: [.v6]
)
