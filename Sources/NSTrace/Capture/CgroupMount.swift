// SPDX-License-Identifier: Apache-2.0

/// Where a hierarchy of cgroups can be looked at: v2, or the one of v1 that the kernel side reports.
struct CgroupMount: Equatable {
  /// 0: v2.
  var hierarchy: UInt32
  /// The directory it is mounted on.
  var directory: [UInt8]
  /// What stands there, from the root of the hierarchy; the root itself: empty.
  var root: [UInt8]

  init(hierarchy: UInt32, directory: [UInt8], root: [UInt8]) {
    self.hierarchy = hierarchy
    self.directory = directory
    self.root = root
  }

  /// The controllers whose hierarchy of v1 tells containers, the first that there is
  /// (bpf/cgroup.h looks for them in the same order).
  private static let controllers = ["memory", "pids", "freezer", "cpu"]

  /// Of each hierarchy the mount that shows most of it.
  /// - Parameters:
  ///   - mountinfo: the lines of /proc/self/mountinfo.
  ///   - cgroup: those of /proc/self/cgroup, which number the hierarchies.
  static func all(mountinfo: [UInt8], cgroup: [UInt8]) -> [CgroupMount] {
    let v1 = v1Hierarchy(cgroup)
    var best: [UInt32: CgroupMount] = [:]
    for line in mountinfo.split(separator: UInt8(ascii: "\n")) {
      guard let mount = CgroupMount(line, v1) else { continue }
      let old = best[mount.hierarchy]
      if old.map({ mount.root.count < $0.root.count }) ?? true { best[mount.hierarchy] = mount }
    }
    return best.keys.sorted().compactMap { best[$0] }
  }

  /// `4:memory:/path` says that hierarchy 4 has the memory controller.
  private static func v1Hierarchy(_ cgroup: [UInt8]) -> (number: UInt32, controller: String)? {
    var numbers: [String: UInt32] = [:]
    for line in cgroup.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(
        separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, let number = UInt32(String(decoding: fields[0], as: UTF8.self))
      else { continue }
      for name in fields[1].split(separator: UInt8(ascii: ",")) {
        numbers[String(decoding: name, as: UTF8.self)] = number
      }
    }
    return controllers.lazy.compactMap { name in numbers[name].map { ($0, name) } }.first
  }

  /// `36 25 0:32 /root /mount/point rw,nosuid shared:9 - cgroup cgroup rw,memory`
  private init?(
    _ line: ArraySlice<UInt8>, _ v1: (number: UInt32, controller: String)?
  ) {
    let fields = line.split(separator: UInt8(ascii: " "))
    guard let dash = fields.firstIndex(of: [UInt8(ascii: "-")]), dash >= 6,
      fields.count > dash + 3
    else { return nil }
    switch String(decoding: fields[dash + 1], as: UTF8.self) {
    case "cgroup2": hierarchy = 0
    case "cgroup":
      let options = fields[dash + 3].split(separator: UInt8(ascii: ","))
      guard let v1, options.contains(where: { $0.elementsEqual(v1.controller.utf8) }) else {
        return nil
      }
      hierarchy = v1.number
    default: return nil
    }
    directory = Self.unescaped(fields[4])
    let root = Self.unescaped(fields[3])
    // `/..` is outside of the reader's cgroup namespace: nobody knows where.
    if root.starts(with: "/..".utf8) { return nil }
    self.root = root == [UInt8(ascii: "/")] ? [] : root
  }

  /// Spaces and the like stand there as `\040`.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    text.unescaped("\\", digits: 3, radix: 8)
  }
}
