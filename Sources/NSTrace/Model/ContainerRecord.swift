// SPDX-License-Identifier: Apache-2.0

/// A CONTAINER_OP record: a registration, granted or refused, or the end of a container (RFC R3,
/// R11). It always says what the task's ID was before (T14).
public struct ContainerRecord: Equatable, Sendable {
  public enum Verb: UInt8, Sendable {
    case set, drop
  }

  public var verb: Verb
  /// The task that is registered or has come to another cgroup, or with which the container ended:
  /// a tid in the initial PID namespace.
  public var opid: UInt32
  /// The ID that was asked for, refused or not; unset with `drop`, and for a task whose new cgroup
  /// is no container's.
  public var id: ContainerID
  public var old: ContainerList
  /// What the orchestrator calls it, or its full ID in the cgroup's path; empty: nothing.
  public var name: [UInt8]
  /// Why it was refused; nil: it was granted.
  public var refusal: RegistrationError?
  /// The container begins with it: no task was in it before.
  public var begins = false
  public var granted: Bool { refusal == nil }
}
