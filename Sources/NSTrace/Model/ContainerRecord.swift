// SPDX-License-Identifier: Apache-2.0

/// A CONTAINER_OP record: a registration, granted or refused, the end of a container (RFC R3, R11), or
/// that something else is true of all its tasks, or of all tasks of a cgroup (L1, L4). It always says what
/// the task's ID was before (T14).
public struct ContainerRecord: Equatable, Sendable {
  /// What happened: `op=`.
  public enum Verb: UInt8, Sendable {
    case set, drop, update

    package init?(name: String) {
      guard let verb = [Self.set, .drop, .update].first(where: { "\($0.name)" == name }) else {
        return nil
      }
      self = verb
    }

    /// What `op=` prints.
    var name: StaticString {
      switch self {
      case .set: "set"
      case .drop: "drop"
      case .update: "update"
      }
    }
  }

  /// What happened: an ID is set, a container ends, or something else is true of it.
  public var verb: Verb
  /// The task that is registered or has come to another cgroup, with which the container ended, or whose
  /// confinement, coming or going makes the difference: a tid in the initial PID namespace.
  public var opid: UInt32
  /// The ID that was asked for, refused or not; unset with `drop`, for a task whose new cgroup is no
  /// container's, and with `update` of a cgroup.
  public var id: ContainerID
  /// What the task carried before (T14).
  public var old: ContainerList
  /// What the orchestrator calls it, or its full ID in the cgroup's path; empty: nothing.
  public var name: [UInt8]
  /// Why it was refused; nil: it was granted.
  public var refusal: RegistrationError?
  /// With `update`: what is true of all its tasks, and was before.
  public var confinement: ContainerConfinement.Change?
  /// With `update` of a cgroup: its path; empty where that is not known. Nil: it is about a container.
  public var cgroup: BoundedText?
  /// The container begins with it: no task was in it before.
  public var begins = false
  /// Whether the registration was granted: `res=`.
  public var granted: Bool { refusal == nil }

  package init(
    verb: Verb, opid: UInt32, id: ContainerID, old: ContainerList = ContainerList(),
    name: [UInt8] = [], refusal: RegistrationError? = nil,
    confinement: ContainerConfinement.Change? = nil, cgroup: BoundedText? = nil,
    begins: Bool = false
  ) {
    self.verb = verb
    self.opid = opid
    self.id = id
    self.old = old
    self.name = name
    self.refusal = refusal
    self.confinement = confinement
    self.cgroup = cgroup
    self.begins = begins
  }
}
