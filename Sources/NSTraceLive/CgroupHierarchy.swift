// SPDX-License-Identifier: Apache-2.0

/// A hierarchy of cgroups that the kernel side reports: v2, and the one of v1 that tells containers.
struct CgroupHierarchy: Equatable {
  /// As the kernel numbers it; 0: v2.
  var number: UInt32
  /// A controller of v1 that it has; v2 has them all: nil.
  var controller: String?

  static let v2 = CgroupHierarchy(number: 0)

  /// The controllers whose hierarchy of v1 tells containers, the first that there is
  /// (bpf/read_cgroup.h looks for them in the same order).
  private static let controllers = ["memory", "pids", "freezer", "cpu"]

  /// Those that are in use.
  /// - Parameter cgroup: the lines of /proc/self/cgroup, such as `4:memory:/path`, and `0::/path`.
  static func all(_ cgroup: [UInt8]) -> [CgroupHierarchy] {
    var numbers: [String: UInt32] = [:]
    for line in cgroup.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(
        separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, let number = UInt32(String(decoding: fields[0], as: UTF8.self))
      else { continue }
      for name in fields[1].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        numbers[String(decoding: name, as: UTF8.self)] = number
      }
    }
    let v1 = controllers.lazy.compactMap { name in
      numbers[name].map { CgroupHierarchy(number: $0, controller: name) }
    }.first { $0.number != 0 }
    return (numbers[""] == 0 ? [v2] : []) + (v1.map { [$0] } ?? [])
  }
}
