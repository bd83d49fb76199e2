// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files that the tests were built from.
enum Repository {
  /// The path of a file, which is given from the repository's root.
  static func path(_ file: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../\(file)")
      .standardizedFileURL.path
  }
}
