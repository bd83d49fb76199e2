// SPDX-License-Identifier: Apache-2.0

/// A pattern, and the exceptions that it matches though they are no containers.
struct CgroupSpelling {
  /// What has to be checked besides the pattern.
  private enum Exception {
    case none
    /// Cloud Foundry's garden keeps its containers one level further down, throttled or not.
    case throttling
    /// Virtual machines are spelt like containers, and nspawn itself is in a cgroup beside its
    /// container's.
    case machine
    /// Podman's pods have IDs like containers, which are inside them.
    case pod
    /// The user's own pattern.
    case given
  }

  let pattern: CgroupPattern
  private let exception: Exception

  private init(_ pattern: CgroupPattern, _ exception: Exception) {
    self.pattern = pattern
    self.exception = exception
  }

  private init(_ text: String, _ exception: Exception = .none) {
    guard let pattern = try? CgroupPattern(text) else { preconditionFailure("no pattern: \(text)") }
    self.init(pattern, exception)
  }

  /// The known spellings, then the given ones.
  static func all(_ patterns: [CgroupPattern]) -> [CgroupSpelling] {
    known + patterns.map { Self($0, .given) }
  }

  /// The runtimes' own spellings, as listed in docs/runtimes.md.
  static let known: [CgroupSpelling] = [
    Self("/**/docker-{id}.scope"), Self("/**/docker/{id}"),
    Self("/**/libpod-{id}.scope"), Self("/**/libpod-payload-{id}"),
    Self("/**/libpod_parent/libpod-{id}"), Self("/**/libpod_parent/*/libpod-{id}"),
    Self("/*/libpod-{id}"), Self("/*/*/libpod-{id}"),
    Self("/default/{name}"), Self("/k8s.io/{name}"), Self("/**/nerdctl-{id}.scope"),
    Self("/**/cri-containerd-{id}.scope"), Self("/**/crio-{id}.scope"),
    Self("/**/*.slice:*:{id}"),
    Self("/**/kubepods/pod*/{id}"), Self("/**/kubepods/*/pod*/{id}"),
    Self("/**/kubepods/pod*/crio-{id}"), Self("/**/kubepods/*/pod*/crio-{id}"),
    Self("/kubelet/kubepods/pod*/{id}"), Self("/kubelet/kubepods/*/pod*/{id}"),
    Self("/kubelet/kubepods/pod*/crio-{id}"), Self("/kubelet/kubepods/*/pod*/crio-{id}"),
    Self("/ecs/*/{id}"), Self("/*/{id}", .pod),
    Self("/**/lxc.payload.{name}"), Self("/lxc.payload/{name}"), Self("/lxc/{name}"),
    Self("/machine.slice/machine-{name}.scope", .machine),
    Self("/machine.slice/systemd-nspawn@{name}.service", .machine),
    Self("/**/garden/{name}", .throttling), Self("/**/garden/good/{name}"),
    Self("/**/garden/bad/{name}"),
  ]

  /// The first components of the known spellings; none of them is a container itself.
  private static let places = Set(known.compactMap(\.pattern.firstPlace))

  /// The outermost container of this spelling; nil: none.
  /// - Parameter units: the number of components, from the first, that are systemd's units.
  func match(_ path: ArraySlice<ArraySlice<UInt8>>, units: Int) -> CgroupPattern.Match? {
    guard var match = pattern.match(path, units: units) else { return nil }
    let below = path.dropFirst(match.place + 1 - path.startIndex).first ?? []
    switch exception {
    case .none: return match
    case .throttling: return Self.throttling.contains(match.name) ? nil : match
    case .machine:
      // systemd escapes bytes as \xNN.
      match.name = match.name.unescaped("\\x", digits: 2, radix: 16)
      let isNone = match.name.starts(with: "qemu-".utf8) || below.elementsEqual("supervisor".utf8)
      return isNone ? nil : match
    case .pod:
      let isPod =
        path[match.place - 1].elementsEqual("libpod_parent".utf8)
        || below.starts(with: "libpod-".utf8) || below.elementsEqual("conmon".utf8)
      return isPod ? nil : match
    case .given:
      let isPlace = Self.places.contains(match.name) || CgroupPath.isUnit(match.name[...])
      return pattern.isOpen && isPlace ? nil : match
    }
  }

  private static let throttling = ["good", "bad"].map { Array($0.utf8) }
}
