// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The parts of an audit event that depend on the state.
struct ObservedEvent: Equatable {
  var serial: UInt64
  var timeNs: Int64
  /// The tid of the acting task.
  var actor: UInt32?
  var exe: [UInt8] = []
  var exeMarks: ProgramMarks = []
  var records: [NamespaceRecord] = []
  var lost: LostRecord?
  var containers: [ContainerRecord] = []
  var sessions: [SessionRecord] = []
  /// The sessions that take part, by number.
  var visits: [ContainerVisit] = []
  /// The registered task, with all its namespaces.
  var info: TaskSummary?
  var lifecycle: LifecycleRecord?

  /// A line for each record, such as `create unshare uts 2: 101 <- 2`.
  var lines: [String] {
    records.map(\.line) + containers.map(\.line) + (lost.map { [$0.line] } ?? [])
  }
}

extension SessionRecord {
  /// `begin 1 in 5 opid 4 setns:net`.
  var line: String {
    var how = TextBuffer()
    way.append(to: &how)
    return "\(verb) \(visit.session) in \(visit.containers) opid \(opid) "
      + String(decoding: how.bytes, as: UTF8.self) + (way.isLate ? " late" : "")
  }
}

extension NamespaceRecord {
  var line: String {
    let kind = kind.map { "\($0)" } ?? "?"
    let old = verb == .destroy ? "" : " <- \(old?.text ?? "?")"
    return "\(verb) \(op) \(kind) \(opid): \(namespace?.text ?? "?")\(old)"
      + (granted ? "" : " refused") + labels + (isPinned.map { $0 ? " pinned" : " gone" } ?? "")
  }
}

extension NamespaceRecord {
  /// Empty if no container takes part. `cses=0` is left out, because it comes with every contid.
  private var labels: String {
    (containers.isUnset ? "" : " contid=\(containers)")
      + (session.map { $0 == 0 ? "" : " cses=\($0)" } ?? "")
      + (namespaceContainers.isUnset ? "" : " ns-contid=\(namespaceContainers)")
  }
}

extension ContainerRecord {
  /// `set 5 opid 2 <- -1`, with the errno of a refusal; `update 5 opid 2: nnp 0->1 seccomp 0->2`;
  /// for a cgroup `update /a opid 2: nnp 0->1`.
  var line: String {
    let holder = cgroup.map { $0.isEmpty ? "?" : String(decoding: $0.bytes, as: UTF8.self) }
    if let confinement { return "\(verb) \(holder ?? "\(id)") opid \(opid):\(confinement.text)" }
    return "\(verb) \(id) opid \(opid) <- \(old)" + (refusal.map { " \($0.name)" } ?? "")
      + (isLate ? " late" : "")
  }
}

extension ContainerConfinement.Change {
  /// The parts that have changed.
  var text: String {
    let nnp = [old, new].map { $0.hasNoNewPrivs ? "1" : "0" }
    let seccomp = [old, new].map { "\($0.seccomp)" }
    return (nnp[0] == nnp[1] ? "" : " nnp \(nnp[0])->\(nnp[1])")
      + (seccomp[0] == seccomp[1] ? "" : " seccomp \(seccomp[0])->\(seccomp[1])")
  }
}

extension NamespaceID {
  /// The inode number, with # and the ns_id behind it if there is one.
  var text: String { nsid == 0 ? "\(inum)" : "\(inum)#\(nsid)" }
}

extension LostRecord {
  var line: String { "lost \(count) \(kindName)" + (resynced ? " resynced" : "") }
}
