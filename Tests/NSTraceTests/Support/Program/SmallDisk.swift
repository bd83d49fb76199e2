// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// nstrace with a file system of its own, on which another's file leaves it little room.
struct SmallDisk: ~Copyable {
  private let size: Int
  private let directory: ScratchDirectory
  /// The pid of the program.
  private var pid: pid_t = 0

  /// - Parameter size: of the file system, another's file included: bytes.
  init(size: Int = 4 << 20) throws {
    self.size = size
    directory = try ScratchDirectory()
  }

  /// The path of a file on the disk, for the program.
  func file(_ name: String) -> String { directory.file(name) }

  /// The same file for the test. The disk goes with the program.
  func outside(_ name: String) -> String { "/proc/\(pid)/root\(file(name))" }

  /// Starts `nstrace COMMAND ARGUMENTS` with `room` bytes of room.
  mutating func start(
    _ arguments: [String], command: String = "follow", room: Int = 32 << 10,
    environment: [String: String] = [:], output: ChildProcess.Output = .gathered
  ) throws -> FollowingProgram {
    let script = """
      mount -t tmpfs -o size=\(size) none "$1" || exit
      head -c \(size - room) /dev/zero > "$1/ballast" || exit
      shift
      exec "$0" "$@"
      """
    let program = try FollowingProgram(
      program: "unshare",
      before: ["-m", "sh", "-c", script, BuiltProducts.nstrace, directory.path, command],
      arguments, environment: environment, output: output)
    pid = program.process.pid
    return program
  }

  /// Makes room.
  func empty() throws {
    guard unlink(outside("ballast")) == 0 else { throw SystemError("make room", errno: errno) }
  }
}
