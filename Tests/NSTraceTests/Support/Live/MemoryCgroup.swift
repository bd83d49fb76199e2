// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import NSTrace
@testable import NSTraceLive

/// A test's own memory cgroup, removed with this value.
struct MemoryCgroup: ~Copyable {
  private let cgroup: CgroupDirectory
  private let isV2: Bool

  /// Whether this machine has a memory controller that a test may use.
  static var isThere: Bool { mount != nil }

  private static let mount = CgroupDirectory.mounts.first { mount in
    let root = String(decoding: mount.directory, as: UTF8.self)
    if mount.hierarchy != 0 { return Files.mode("\(root)/memory.limit_in_bytes") != nil }
    let controllers = try? Files.text("\(root)/cgroup.controllers")
    return controllers?.split(whereSeparator: \.isWhitespace).contains("memory") == true
  }

  init() throws {
    guard let mount = Self.mount else { throw SystemError("find a memory cgroup", errno: ENOENT) }
    let cgroup = try CgroupDirectory("memory", in: mount)
    let isV2 = mount.hierarchy == 0
    if isV2 { try Self.giveController(to: cgroup.directory) }
    self.cgroup = cgroup
    self.isV2 = isV2
  }

  /// In v2 each directory gives the controller to those below it.
  private static func giveController(to directory: String) throws {
    for parent in ["\(directory)/../..", "\(directory)/.."] {
      try Files.write(Array("+memory".utf8), to: "\(parent)/cgroup.subtree_control")
    }
  }

  /// Starts nstrace in the cgroup.
  func follow(_ arguments: [String]) throws -> FollowingProgram {
    let script = "echo $$ >'\(cgroup.directory)/cgroup.procs' && exec \"$0\" \"$@\""
    return try FollowingProgram(
      program: "/bin/sh", before: ["-c", script, BuiltProducts.nstrace, "--follow"], arguments)
  }

  /// Sets the limit to what is used now.
  func fill() throws {
    let usage = try Files.text(file(isV2 ? "memory.current" : "memory.usage_in_bytes"))
    try limit(to: usage)
  }

  /// Removes the limit.
  func lift() throws { try limit(to: isV2 ? "max" : "-1") }

  /// How often the limit was met.
  var refusals: Int {
    get throws {
      guard isV2 else {
        return Int(try Files.text(file("memory.failcnt")).dropLast()) ?? 0
      }
      let events = try Files.text(file("memory.events")).split(separator: "\n")
      return events.first { $0.hasPrefix("max ") }.flatMap { Int($0.dropFirst(4)) } ?? 0
    }
  }

  private func limit(to text: String) throws {
    try Files.write(Array(text.utf8), to: file(isV2 ? "memory.max" : "memory.limit_in_bytes"))
  }

  private func file(_ name: String) -> String { "\(cgroup.directory)/\(name)" }
}
