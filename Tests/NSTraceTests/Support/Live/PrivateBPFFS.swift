// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// A bpffs of a test's own, with all that is pinned in it gone with this value.
struct PrivateBPFFS: ~Copyable {
  private let directory: ScratchDirectory

  init() throws {
    let directory = try ScratchDirectory()
    guard mount("bpf", directory.path, "bpf", 0, "mode=0700") == 0 else {
      throw SystemError("mount a bpffs", errno: errno)
    }
    self.directory = directory
  }

  deinit { umount2(directory.path, Int32(MNT_DETACH)) }

  /// The keeper's directory, which need not exist.
  var keep: String { directory.file("keep") }

  /// The names of the pins.
  var pins: [String] { Files.names(in: keep).sorted() }

  /// Allows or forbids changes.
  func remount(readOnly: Bool) throws {
    let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
    guard mount("bpf", directory.path, "bpf", flags, nil) == 0 else {
      throw SystemError("remount a bpffs", errno: errno)
    }
  }

  static let allPins = [
    "link", "numbers", "program", "registrations", "sessions", "stains", "state", "visits",
  ]
}
