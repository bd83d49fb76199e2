// SPDX-License-Identifier: Apache-2.0

/// Text that is made a line at a time, at the speed of its reader.
package protocol LineMaker: Sendable {
  /// Appends the next line with its newline.
  /// - Returns: false if there is none.
  mutating func writeNext(to text: inout TextBuffer) -> Bool
}

/// The format of the containers that a running tracer reports to a client.
package enum ContainerFormat: String, Sendable, CaseIterable, Codable {
  case json, table
}

/// The facts in a listing of containers that are not in the state.
struct ContainerContext: Sendable {
  var nsfsDev: UInt64
  /// CLOCK_REALTIME minus CLOCK_BOOTTIME, nanoseconds.
  var realtimeOffsetNs: Int64
  /// The time of the listing: CLOCK_BOOTTIME, nanoseconds.
  var nowNs: UInt64
  /// Whether records were lost and no snapshot since is complete: tasks may be missing.
  var isUnsure: Bool

  func state(of container: ContainerSummary) -> StaticString {
    if container.hasEnded { return "ended" }
    return isUnsure ? "unsure" : "running"
  }

  func ageSeconds(_ container: ContainerSummary) -> UInt64 {
    nowNs > container.sinceNs ? (nowNs - container.sinceNs) / 1_000_000_000 : 0
  }
}

extension ContainerContext {
  init<Sink: TrackerSink & ~Copyable>(_ tracker: borrowing Tracker<Sink>, nowNs: UInt64) {
    nsfsDev = tracker.host?.nsfsDev ?? 0
    realtimeOffsetNs = tracker.realtimeOffsetNs
    self.nowNs = nowNs
    isUnsure = tracker.isUnsure
  }
}

// MARK: - For people

extension ContainerContext {
  /// The number of namespaces of a kind, and of containers that share one, that a line names.
  private static let shownLimit = 4

  /// `running`, `ended, 1 visitor`.
  func appendState(of container: ContainerSummary, to text: inout TextBuffer) {
    text.append(state(of: container))
    appendVisitors(of: container, to: &text)
  }

  /// `, 2 visitors`; nothing if nobody is inside.
  func appendVisitors(of container: ContainerSummary, to text: inout TextBuffer) {
    guard container.visitors > 0 else { return }
    text.append(", ", decimal: UInt64(container.visitors))
    text.append(container.visitors == 1 ? " visitor" : " visitors")
  }

  /// `90s`, `5m`, `7h`, `3d`.
  func appendAge(of container: ContainerSummary, to text: inout TextBuffer) {
    let seconds = ageSeconds(container)
    switch seconds {
    case ..<120: text.append("\(seconds)s")
    case ..<7200: text.append("\(seconds / 60)m")
    case ..<172_800: text.append("\(seconds / 3600)h")
    default: text.append("\(seconds / 86_400)d")
    }
  }

  /// `uts=host net=4026532180(6,7)`: the other containers that use it are in brackets.
  func appendNamespaces(
    _ uses: [ContainerSummary.Use], but own: ContainerID?, to text: inout TextBuffer
  ) {
    var start = uses.startIndex
    while start < uses.endIndex {
      let kind = uses[start].namespace.kind
      let end = uses[start...].firstIndex { $0.namespace.kind != kind } ?? uses.endIndex
      if start > uses.startIndex { text.append(" ") }
      text.append(kind.name)
      text.append("=")
      for (index, use) in uses[start..<end].prefix(Self.shownLimit).enumerated() {
        if index > 0 { text.append(",") }
        append(use, but: own, to: &text)
      }
      Self.append(leftOut: end - start - Self.shownLimit, to: &text)
      start = end
    }
  }

  private func append(
    _ use: ContainerSummary.Use, but own: ContainerID?, to text: inout TextBuffer
  ) {
    if use.isHosts { return text.append("host") }
    text.append(decimal: use.namespace.inum)
    let (others, leftOut) = use.others(than: own, limit: Self.shownLimit)
    guard !others.isEmpty else { return }
    text.append("(")
    for (index, id) in others.enumerated() {
      if index > 0 { text.append(",") }
      id.append(to: &text)
    }
    Self.append(leftOut: leftOut, to: &text)
    text.append(")")
  }

  private static func append(leftOut count: Int, to text: inout TextBuffer) {
    guard count > 0 else { return }
    text.append(",+")
    text.append(decimal: UInt64(count))
  }
}

// MARK: - For programs

extension ContainerContext {
  /// Bounds the length of a line.
  private static let namespaceLimit = 1024
  private static let cgroupLimit = 64

  /// Appends the container's object and a newline.
  func writeJSON(_ container: ContainerSummary, to text: inout TextBuffer) {
    text.append("{\"type\":\"container\"")
    JSONLinesFormat.key("contid", &text)
    text.append("\"")
    container.id.append(to: &text)
    text.append("\"")
    if !container.name.isEmpty { JSONLinesFormat.string("name", container.name, &text) }
    JSONLinesFormat.name("state", state(of: container), &text)
    JSONLinesFormat.number("tasks", UInt64(container.tasks), &text)
    JSONLinesFormat.number("visitors", UInt64(container.visitors), &text)
    if let nnp = container.hasNoNewPrivs { JSONLinesFormat.boolean("nnp", nnp, &text) }
    if let mode = container.seccomp { JSONLinesFormat.number("seccomp", UInt32(mode), &text) }
    let sinceNs = Int64(truncatingIfNeeded: container.sinceNs) &+ realtimeOffsetNs
    JSONLinesFormat.time("since", sinceNs, &text)
    JSONLinesFormat.number("age_seconds", ageSeconds(container), &text)
    JSONLinesFormat.containers("parents", container.parents, &text)
    writeJSON(container.cgroups, to: &text)
    writeJSON(container.namespaces, but: container.id, to: &text)
    text.append("}\n")
  }

  private func writeJSON(_ cgroups: [ContainerSummary.Cgroup], to text: inout TextBuffer) {
    JSONLinesFormat.key("cgroups", &text)
    text.append("[")
    for (index, cgroup) in cgroups.prefix(Self.cgroupLimit).enumerated() {
      text.append(index == 0 ? "{\"tasks\":" : ",{\"tasks\":")
      text.append(decimal: UInt64(cgroup.tasks))
      if let nnp = cgroup.hasNoNewPrivs { JSONLinesFormat.boolean("nnp", nnp, &text) }
      if let mode = cgroup.seccomp { JSONLinesFormat.number("seccomp", UInt32(mode), &text) }
      JSONLinesFormat.string("path", "path_cut", cgroup.path, &text)
      text.append("}")
    }
    text.append("]")
    let leftOut = cgroups.count - Self.cgroupLimit
    if leftOut > 0 { JSONLinesFormat.number("cgroups_left_out", UInt64(leftOut), &text) }
  }

  func writeJSON(
    _ uses: [ContainerSummary.Use], but own: ContainerID?, to text: inout TextBuffer
  ) {
    JSONLinesFormat.key("namespaces", &text)
    text.append("[")
    for (index, use) in uses.prefix(Self.namespaceLimit).enumerated() {
      if index > 0 { text.append(",") }
      writeJSON(use, but: own, to: &text)
    }
    text.append("]")
    let leftOut = uses.count - Self.namespaceLimit
    if leftOut > 0 { JSONLinesFormat.number("namespaces_left_out", UInt64(leftOut), &text) }
  }

  private func writeJSON(
    _ use: ContainerSummary.Use, but own: ContainerID?, to text: inout TextBuffer
  ) {
    text.append("{\"nstype\":\"")
    text.append(use.namespace.kind.name)
    text.append("\"")
    JSONLinesFormat.device("dev", nsfsDev, &text)
    JSONLinesFormat.number("ino", use.namespace.inum, &text)
    if use.namespace.nsid != 0 { JSONLinesFormat.number("nsid", use.namespace.nsid, &text) }
    JSONLinesFormat.boolean("host", use.isHosts, &text)
    if !use.isHosts {
      let (others, leftOut) = use.others(than: own, limit: NamespaceState.listLimit)
      JSONLinesFormat.containers("shared_with", others, &text)
      if leftOut > 0 { JSONLinesFormat.number("shared_with_left_out", UInt64(leftOut), &text) }
    }
    text.append("}")
  }
}

extension ContainerSummary.Use {
  /// The first containers besides `own` that use it, and the number of the rest.
  fileprivate func others(
    than own: ContainerID?, limit: Int
  ) -> (ids: [ContainerID], leftOut: Int) {
    // One more than the limit: `own` may be among them.
    let ids = Array(containers.prefix(limit + 1).filter { $0 != own }.prefix(limit))
    return (ids, max(0, containers.count - (own == nil ? 0 : 1) - ids.count))
  }
}
