// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The source files from which the tests were built.
enum Repository {
  /// The absolute path of a file that is given from the repository's root.
  static func path(_ file: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../\(file)")
      .standardizedFileURL.path
  }
}
