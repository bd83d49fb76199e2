// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The programs that were built with the tests. They are beside the test bundle.
enum BuiltProducts {
  static let nsactor = path("nsactor")
  static let nstrace = path("nstrace")

  private static func path(_ name: String) -> String {
    guard let bundle = realpath("/proc/self/exe", nil) else { return name }
    defer { free(bundle) }
    let directory = String(cString: bundle).split(separator: "/").dropLast().joined(separator: "/")
    return "/\(directory)/\(name)"
  }
}
