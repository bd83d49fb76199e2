// SPDX-License-Identifier: Apache-2.0

/// What the path of a cgroup tells of containers, by the ways in which runtimes name cgroups.
///
/// Total: any bytes give a list. Whoever may make cgroups may name them like a container's; what
/// stands further out is beyond its reach.
public enum CgroupPath {
  /// The runtimes' own names of the containers that are in the path, outermost first, none twice.
  public static func containers(in path: [UInt8]) -> [[UInt8]] {
    let components = path.split(separator: UInt8(ascii: "/")).map(Array.init)
    var names: [[UInt8]] = []
    for index in components.indices {
      let child = index + 1 < components.count ? components[index + 1] : []
      guard let name = container(components[index], in: components[..<index], with: child),
        !names.contains(name)
      else { continue }
      names.append(name)
    }
    return names
  }

  /// The first spelling that fits.
  private static func container(
    _ component: [UInt8], in parents: ArraySlice<[UInt8]>, with child: [UInt8]
  ) -> [UInt8]? {
    if isHexID(component) { return component }
    return prefixed(component) ?? colonSeparated(component)
      ?? lxc(component, in: parents.last ?? []) ?? machine(component, with: child)
      ?? named(component, in: parents)
  }
}

// MARK: - Runtimes with IDs of 64 hexadecimal digits

extension CgroupPath {
  /// As docker, containerd's CRI plugin, CRI-O and podman number containers. Bare it is a cgroupfs
  /// path: `/docker/ID`, `/kubepods/burstable/podUID/ID`, `/k8s.io/ID`.
  private static func isHexID(_ text: some Collection<UInt8>) -> Bool {
    text.count == 64 && text.allSatisfy(isHexDigit)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  /// `docker-ID.scope`, `cri-containerd-ID.scope`, `crio-ID.scope`, `libpod-ID`. Conmon, which
  /// watches a container from outside, has a cgroup of its own: `libpod-conmon-ID`.
  private static func prefixed(_ component: [UInt8]) -> [UInt8]? {
    let stem = component.dropping(suffix: ".scope") ?? component[...]
    let id = stem.suffix(64)
    guard isHexID(id), stem.count > 65, stem[id.startIndex - 1] == UInt8(ascii: "-") else {
      return nil
    }
    let prefix = stem[..<(id.startIndex - 1)]
    return prefix.elementsEqual("conmon".utf8) || prefix.ends(with: "-conmon") ? nil : Array(id)
  }

  /// `kubepods-podUID.slice:cri-containerd:ID`: a path for systemd, taken for one of cgroupfs.
  private static func colonSeparated(_ component: [UInt8]) -> [UInt8]? {
    let parts = component.split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 3, isHexID(parts[2]) else { return nil }
    return Array(parts[2])
  }
}

// MARK: - Runtimes with names

extension CgroupPath {
  /// `lxc.payload.NAME`, `/lxc.payload/NAME`, `/lxc/NAME`; `lxc.monitor.` is outside.
  private static func lxc(_ component: [UInt8], in parent: [UInt8]) -> [UInt8]? {
    if let name = component.dropping(prefix: "lxc.payload."), !name.isEmpty { return Array(name) }
    guard parent.elementsEqual("lxc".utf8) || parent.elementsEqual("lxc.payload".utf8) else {
      return nil
    }
    return component
  }

  /// `machine-NAME.scope`, `systemd-nspawn@NAME.service`, as systemd escapes NAME. Virtual machines
  /// are there too, and nspawn itself beside what it runs.
  private static func machine(_ component: [UInt8], with child: [UInt8]) -> [UInt8]? {
    let scope = component.dropping(suffix: ".scope")?.dropping(prefix: "machine-")
    let service = component.dropping(suffix: ".service")?.dropping(prefix: "systemd-nspawn@")
    guard let escaped = scope ?? service, !escaped.isEmpty,
      !child.elementsEqual("supervisor".utf8)
    else { return nil }
    let name = unescaped(escaped)
    return name.starts(with: "qemu-".utf8) ? nil : name
  }

  /// `/garden/NAME` of Cloud Foundry, behind `good` or `bad` where it throttles; `/default/NAME` and
  /// `/k8s.io/NAME`, containerd's namespaces, in which ctr(8) names containers freely.
  private static func named(
    _ component: [UInt8], in parents: ArraySlice<[UInt8]>
  ) -> [UInt8]? {
    let places = parents.suffix(2).map { String(decoding: $0, as: UTF8.self) }
    switch places.last {
    case "garden":
      return throttling.contains(String(decoding: component, as: UTF8.self)) ? nil : component
    case let place? where throttling.contains(place):
      return places.first == "garden" ? component : nil
    case "default", "k8s.io": return component
    default: return nil
    }
  }

  private static let throttling = ["good", "bad"]

  /// `\x2d` and its like are the byte; anything else behind a backslash is left as it is
  /// (unit_name_unescape of systemd).
  private static func unescaped(_ text: some Collection<UInt8>) -> [UInt8] {
    text.unescaped("\\x", digits: 2, radix: 16)
  }
}

extension BidirectionalCollection<UInt8> {
  fileprivate func dropping(suffix: StaticString) -> SubSequence? {
    ends(with: suffix) ? dropLast(suffix.utf8CodeUnitCount) : nil
  }

  fileprivate func ends(with suffix: StaticString) -> Bool {
    self.suffix(suffix.utf8CodeUnitCount).elementsEqual("\(suffix)".utf8)
  }
}
