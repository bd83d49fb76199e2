// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A directory of its own that everyone may enter, gone with its owner.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init() throws {
    var template = Array("/tmp/nstrace-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ChildProcessError.cannotStart("mkdtemp", errno: errno)
    }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    chmod(path, 0o755)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}
