// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import NSTrace

/// Directories one inside the other, of cgroups or not, each made and opened from the one above: no
/// path reaches the innermost at once. Removed with this value.
struct NestedCgroups: ~Copyable {
  /// Of the outer directory, then of each that was made.
  private var descriptors: [Int32]
  private let name: String
  static let name = String(repeating: "n", count: 240)

  /// - Parameter name: of each.
  /// - Throws: `SystemError`
  init(_ count: Int, _ name: String = Self.name, in directory: String) throws {
    self.name = name
    descriptors = [open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)]
    for _ in 0..<count {
      let outer = descriptors[descriptors.count - 1]
      guard mkdirat(outer, name, 0o755) == 0 else {
        throw SystemError("make a cgroup", errno: errno)
      }
      descriptors.append(openat(outer, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }
  }

  /// Moves a process into the innermost.
  /// - Throws: `SystemError`
  func add(_ pid: UInt32) throws {
    let file = openat(descriptors[descriptors.count - 1], "cgroup.procs", O_WRONLY | O_CLOEXEC)
    defer { close(file) }
    let text = Array("\(pid)".utf8)
    guard write(file, text, text.count) == text.count else {
      throw SystemError("move \(pid)", errno: errno)
    }
  }

  /// The id of the innermost.
  var id: UInt64 {
    var status = stat()
    fstat(descriptors[descriptors.count - 1], &status)
    return UInt64(status.st_ino)
  }

  /// An ended task may stay in its cgroup for a moment.
  deinit {
    let deadline = ContinuousClock.now + .seconds(5)
    for (outer, inner) in zip(descriptors, descriptors.dropFirst()).reversed() {
      close(inner)
      while unlinkat(outer, name, AT_REMOVEDIR) != 0, errno == EBUSY,
        ContinuousClock.now < deadline
      {
        sched_yield()
      }
    }
    close(descriptors[0])
  }
}
