// SPDX-License-Identifier: Apache-2.0

/// What somebody asks for: this process shall be this container's first.
package struct RegistrationRequest: Sendable {
  /// Nil when it is malformed, or to be chosen at random.
  package var contid: ContainerID?
  /// The tracer chooses the ID (T6).
  package var isRandom: Bool
  /// Its threads and all that descends from it are moved too, instead of being a reason to refuse.
  package var includesDescendants: Bool
  /// A process, or one of its threads, by its number in the initial PID namespace.
  package var target: UInt32
  /// The process that asks, by the kernel's word.
  package var caller: UInt32
  /// The caller has CAP_AUDIT_CONTROL, effective, in the initial user namespace.
  package var callerIsCapable: Bool
  /// Free text; one that is longer than `nameBytesMax` is cut, and ends in three dots.
  package var name: [UInt8]

  package static let nameBytesMax = 255

  package init(
    contid: ContainerID?, isRandom: Bool = false, includesDescendants: Bool = false,
    target: UInt32, caller: UInt32, callerIsCapable: Bool, name: [UInt8] = []
  ) {
    self.contid = contid
    self.isRandom = isRandom
    self.includesDescendants = includesDescendants
    self.target = target
    self.caller = caller
    self.callerIsCapable = callerIsCapable
    self.name = Self.fitting(name)
  }

  /// Whether a task can have that number: the kernel gives none from PID_MAX_LIMIT on, nor 0.
  package static func canBeTask(_ pid: UInt32) -> Bool {
    pid > 0 && pid < TaskNumber.limit
  }

  private static func fitting(_ name: [UInt8]) -> [UInt8] {
    guard name.count > nameBytesMax else { return name }
    let room = nameBytesMax - BoundedText.dots.count
    return BoundedText(Array(name.prefix(room)), cut: .end).visible
  }
}
