// SPDX-License-Identifier: Apache-2.0

/// A cgroup hierarchy that the kernel side reports: v2, or the one of v1 that identifies
/// containers.
struct CgroupHierarchy: Equatable {
  /// The kernel's number of it; 0: v2.
  var number: UInt32
  /// A controller of the v1 hierarchy; nil: v2.
  var controller: String?

  static let v2 = CgroupHierarchy(number: 0)

  /// The v1 controllers whose hierarchy identifies containers. The first one in use counts, as in
  /// bpf/read_cgroup.h.
  private static let controllers = ["memory", "pids", "freezer", "cpu"]

  /// The hierarchies in use.
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
