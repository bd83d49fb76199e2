// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// A test's own cgroup, removed with this value. It is below another of its own, so that a test can
/// choose its name.
struct CgroupDirectory: ~Copyable {
  let mount: CgroupMount
  /// The path from the root of the hierarchy.
  let path: String
  let directory: String
  private let parent: String

  /// The hierarchies that the tracer reports on this machine.
  static let mounts: [CgroupMount] = {
    guard let mountinfo = try? Files.read("/proc/self/mountinfo"),
      let cgroup = try? Files.read("/proc/self/cgroup")
    else { return [] }
    let roots = (try? CgroupRoot.all()) ?? []
    return CgroupMount.all(mountinfo: mountinfo, of: CgroupHierarchy.all(cgroup)).filter { mount in
      var status = stat()
      return stat(String(decoding: mount.directory, as: UTF8.self), &status) == 0
        && status.st_ino == CgroupID.root && roots.contains { $0.device == status.st_dev }
    }
  }()

  init(_ name: String, in mount: CgroupMount) throws {
    self.mount = mount
    let own = "/nstrace-test-\(getpid())-\(Self.number.next()).slice"
    path = "\(own)/\(name)"
    parent = String(decoding: mount.directory, as: UTF8.self) + own
    directory = "\(parent)/\(name)"
    for directory in [parent, directory] where mkdir(directory, 0o755) != 0 {
      throw SystemError("make \(directory)", errno: errno)
    }
  }

  private static let number = Counter()

  deinit {
    Self.remove(directory)
    Self.remove(parent)
  }

  /// Removes a cgroup. An ended task may stay in it for a moment.
  static func remove(_ directory: String) {
    let deadline = Patience.end
    while rmdir(directory) != 0, errno == EBUSY, ContinuousClock.now < deadline { sched_yield() }
  }

  /// Moves a process, with all of its threads, into the cgroup.
  func add(_ pid: UInt32) throws { try Self.move(pid, to: directory) }

  /// Moves a process to the root.
  func release(_ pid: UInt32) throws {
    try Self.move(pid, to: String(decoding: mount.directory, as: UTF8.self))
  }

  private static func move(_ pid: UInt32, to directory: String) throws {
    let fd = open("\(directory)/cgroup.procs", O_WRONLY | O_CLOEXEC)
    guard fd >= 0 else { throw SystemError("open \(directory)", errno: errno) }
    defer { close(fd) }
    let text = Array("\(pid)".utf8)
    guard write(fd, text, text.count) == text.count else {
      throw SystemError("move \(pid) to \(directory)", errno: errno)
    }
  }
}

extension CgroupMount: CustomTestStringConvertible {
  public var testDescription: String { hierarchy == 0 ? "v2" : "v1" }
}
