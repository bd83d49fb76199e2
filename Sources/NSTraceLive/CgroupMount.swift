// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A mount of a cgroup hierarchy, or of a part of one.
struct CgroupMount: Equatable {
  /// The hierarchy's number.
  var hierarchy: UInt32
  /// The mount point.
  var directory: [UInt8]

  init(hierarchy: UInt32, directory: [UInt8]) {
    self.hierarchy = hierarchy
    self.directory = directory
  }

  /// The mounts of these hierarchies. mountinfo does not show which part of a hierarchy a mount
  /// has: its paths begin at the reader's cgroup namespace.
  /// - Parameter mountinfo: the lines of /proc/self/mountinfo.
  static func all(mountinfo: [UInt8], of hierarchies: [CgroupHierarchy]) -> [CgroupMount] {
    mountinfo.split(separator: UInt8(ascii: "\n")).compactMap { CgroupMount($0, hierarchies) }
  }

  /// Reads a line such as `36 25 0:32 / /mount/point rw,nosuid shared:9 - cgroup cgroup rw,memory`.
  private init?(_ line: ArraySlice<UInt8>, _ hierarchies: [CgroupHierarchy]) {
    let fields = line.split(separator: UInt8(ascii: " "))
    guard let dash = fields.firstIndex(of: [UInt8(ascii: "-")]), dash >= 6,
      fields.count > dash + 3
    else { return nil }
    let options = fields[dash + 3].split(separator: UInt8(ascii: ","))
    let type = String(decoding: fields[dash + 1], as: UTF8.self)
    let hierarchy = hierarchies.first { hierarchy in
      guard let controller = hierarchy.controller else { return type == "cgroup2" }
      return type == "cgroup" && options.contains { $0.elementsEqual(controller.utf8) }
    }
    guard let hierarchy else { return nil }
    self.hierarchy = hierarchy.number
    directory = fields[4].unescaped("\\", digits: 3, radix: 8)
  }
}
