// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A unit of packaging, parsed as systemd does.
struct ServiceUnit {
  let path: String
  private let settings: [(name: String, value: String)]

  init(_ name: String = "nstrace.service") throws {
    path = Repository.path("packaging/\(name)")
    settings = try Files.text(path).split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 && !line.hasPrefix("#") ? (parts[0], parts[1]) : nil
    }
  }

  /// The words of all lines with that name.
  subscript(name: String) -> [String] {
    settings.filter { $0.name == name }.flatMap { $0.value.split(separator: " ").map(String.init) }
  }
}
