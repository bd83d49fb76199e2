// SPDX-License-Identifier: Apache-2.0

/// A CONTAINER_OP record: a registration, granted or refused; the end of a container (RFC R3, R11);
/// or a change of the confinement of all tasks of a container or cgroup (L1, L4). It states what
/// the task carried before (T14).
public struct ContainerRecord: Hashable, Sendable {
  /// What happened: `op=`.
  public enum Verb: UInt8, Sendable {
    case set, drop, update

    package init?(name: String) {
      guard let verb = [Self.set, .drop, .update].first(where: { "\($0.name)" == name }) else {
        return nil
      }
      self = verb
    }

    /// The value of `op=`.
    var name: StaticString {
      switch self {
      case .set: "set"
      case .drop: "drop"
      case .update: "update"
      }
    }
  }

  /// Where a container ID comes from: `contid-src=`.
  public enum Source: CaseIterable, Sendable {
    /// The path of the task's cgroup (`--containers cgroup`).
    case cgroup
    /// A namespace that the task has entered (T10).
    case entry

    /// The value of `contid-src=`.
    var name: StaticString {
      switch self {
      case .cgroup: "cgroup"
      case .entry: "entry"
      }
    }

    /// The source that `contid-src=` names; nil: none.
    package init?(name: String) {
      guard let source = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
      self = source
    }
  }

  /// What happened: an ID is set, a container ends, or the confinement of its tasks changes.
  public var verb: Verb
  /// A tid in the initial PID namespace: of the task that is registered or has moved to another
  /// cgroup, with which the container ended, or which changed the confinement.
  public var opid: UInt32
  /// The requested ID, refused or not. Unset with `drop`, for a task whose new cgroup belongs to no
  /// container, and with `update` of a cgroup.
  public var id: ContainerID
  /// The task's container IDs before (T14).
  public var old: ContainerList
  /// The orchestrator's name for it, or its full ID in the cgroup's path; empty: none.
  public var name: [UInt8]
  /// Where the ID comes from, or, unset, why it is so; nil: a registration, or the policy.
  public var source: Source?
  /// Why it was refused; nil: it was granted.
  public var refusal: RegistrationError?
  /// With `update`: the confinement of all its tasks, now and before.
  public var confinement: ContainerConfinement.Change?
  /// With `update` of a cgroup: its path, empty if not known. Nil: the record is about a container.
  public var cgroup: BoundedText?
  /// Whether the container begins with it: no task was in it before.
  public var begins = false
  /// With `drop`: whether the container ended before the stream began, so that nobody knows when, or
  /// with which task. `opid` is then the task that was registered.
  public var isLate = false
  /// Whether the registration was granted: `res=`.
  public var granted: Bool { refusal == nil }

  package init(
    verb: Verb, opid: UInt32, id: ContainerID, old: ContainerList = ContainerList(),
    name: [UInt8] = [], source: Source? = nil, refusal: RegistrationError? = nil,
    confinement: ContainerConfinement.Change? = nil, cgroup: BoundedText? = nil,
    begins: Bool = false
  ) {
    self.verb = verb
    self.opid = opid
    self.id = id
    self.old = old
    self.name = name
    self.source = source
    self.refusal = refusal
    self.confinement = confinement
    self.cgroup = cgroup
    self.begins = begins
  }
}
