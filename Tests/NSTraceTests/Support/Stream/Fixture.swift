// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files of Tests/NSTraceTests/Fixtures.
enum Fixture {
  static func path(_ name: String) -> String {
    Bundle.module.resourceURL!.appending(path: "Fixtures/\(name)").path(percentEncoded: false)
  }

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }
}
