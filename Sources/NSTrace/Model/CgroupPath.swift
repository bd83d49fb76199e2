// SPDX-License-Identifier: Apache-2.0

/// The containers that a cgroup's path names, by the runtimes' spellings.
///
/// A spelling matches from the root of the hierarchy, or from the cgroup of a container that
/// another one runs in, and nowhere else. Total: any bytes give a list. A task that may make
/// cgroups can name them like a container's, but cannot change the components further out.
package enum CgroupPath {
  /// The runtimes' own names of the containers in the path, outermost first, none twice, and no
  /// more than a task can carry.
  /// - Parameter patterns: spellings besides the known ones.
  package static func containers(
    in path: [UInt8], patterns: [CgroupPattern] = []
  ) -> [[UInt8]] {
    containers(in: path, CgroupSpelling.all(patterns))
  }

  static func containers(in path: [UInt8], _ spellings: [CgroupSpelling]) -> [[UInt8]] {
    containers(in: path.split(separator: slash), spellings, believed: .max).map(\.name)
  }

  static let slash = UInt8(ascii: "/")

  /// The same with the component that names each.
  /// - Parameter believed: the number of components, from the first, whose names root chose. A name
  ///   behind them stands for another container than the same name among them.
  static func containers(
    in components: [ArraySlice<UInt8>], _ spellings: [CgroupSpelling], believed: Int
  ) -> [CgroupPattern.Match] {
    var rest = components[...]
    var found: [CgroupPattern.Match] = []
    while found.count < ContainerList.limit, let match = outermost(in: rest, spellings) {
      let isKnown = found.contains {
        $0.name == match.name && ($0.place < believed) == (match.place < believed)
      }
      if !isKnown { found.append(match) }
      rest = rest[(match.place + 1)...]
      if let own = rest.first, isOfInit(own) { rest.removeFirst() }
    }
    return found
  }

  private static func outermost(
    in path: ArraySlice<ArraySlice<UInt8>>, _ spellings: [CgroupSpelling]
  ) -> CgroupPattern.Match? {
    if path.isEmpty { return nil }
    let units = path.prefix(while: isUnit).count
    var outermost: CgroupPattern.Match?
    for spelling in spellings {
      guard let match = spelling.match(path, units: units) else { continue }
      if outermost.map({ match.place < $0.place }) ?? true { outermost = match }
    }
    return outermost
  }

  /// Whether the component is named like one of systemd's units.
  static func isUnit(_ component: ArraySlice<UInt8>) -> Bool {
    unitSuffixes.contains { component.count > $0.count && component.ends(with: $0) }
  }

  private static let unitSuffixes = [".slice", ".service", ".scope"].map { Array($0.utf8) }

  /// Whether the component is a cgroup below the container's own, in which crun, nspawn and LXC put
  /// its tasks.
  private static func isOfInit(_ component: ArraySlice<UInt8>) -> Bool {
    initPlaces.contains(Array(component))
  }

  private static let initPlaces = ["container", "payload", "ns"].map { Array($0.utf8) }
}

extension ArraySlice<UInt8> {
  fileprivate func ends(with suffix: [UInt8]) -> Bool {
    self.suffix(suffix.count).elementsEqual(suffix)
  }
}
