// SPDX-License-Identifier: Apache-2.0

/// A VIRT_MACHINE_ID, VIRT_RESOURCE or VIRT_CONTROL record: a container's beginning and end in the
/// words of the virtualization lifecycle events (T8, Grubb; SPEC-Virtualization-Manager-Guest-
/// Lifecycle-Events), an event of its own each, as libvirt writes them.
public struct LifecycleRecord: Equatable, Sendable {
  /// Which of the records it is.
  public enum Step: Equatable, Sendable {
    /// What the container is called: first of all.
    case machineID
    /// A namespace that it has for itself when it begins. What it loses at its end is not told: the
    /// stop implies it.
    case resource(NamespaceID)
    case start
    case stop
  }

  /// Which of the records it is.
  public var step: Step
  /// The container's ID.
  public var id: ContainerID
  /// What the orchestrator calls it; empty: nothing.
  public var name: [UInt8]
  /// The container's first task; 0 with `stop`.
  public var pid: UInt32
  /// False: the container was refused, and has not begun.
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

  /// `vm=`: what it is called, or else its ID.
  var machineName: [UInt8] { name.isEmpty ? Array("\(id)".utf8) : name }
}
