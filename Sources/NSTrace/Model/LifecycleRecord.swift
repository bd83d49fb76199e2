// SPDX-License-Identifier: Apache-2.0

/// A VIRT_MACHINE_ID, VIRT_RESOURCE or VIRT_CONTROL record: a container's beginning or end as a
/// virtualization lifecycle event (T8, Grubb; SPEC-Virtualization-Manager-Guest-Lifecycle-Events).
/// Each is an event of its own, as libvirt writes them.
public struct LifecycleRecord: Equatable, Sendable {
  /// Which of the records it is.
  public enum Step: Equatable, Sendable {
    /// The container's name, which comes first.
    case machineID
    /// A namespace that it has for itself when it begins. The stop implies their loss, which has no
    /// record.
    case resource(NamespaceID)
    case start
    case stop
  }

  /// Which of the records it is.
  public var step: Step
  /// The container's ID.
  public var id: ContainerID
  /// The orchestrator's name for it; empty: none.
  public var name: [UInt8]
  /// The container's first task; 0 with `stop`.
  public var pid: UInt32
  /// Whether the container began; false: it was refused.
  public var granted: Bool

  package init(
    step: Step, id: ContainerID, name: [UInt8], pid: UInt32 = 0, granted: Bool = true
  ) {
    self.step = step
    self.id = id
    self.name = name
    self.pid = pid
    self.granted = granted
  }

  /// `vm=`: its name, or else its ID.
  var machineName: [UInt8] { name.isEmpty ? Array("\(id)".utf8) : name }
}
