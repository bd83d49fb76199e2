// SPDX-License-Identifier: Apache-2.0

/// What somebody asks for: this process shall be this container's first.
public struct RegistrationRequest: Sendable {
  /// Nil when it is malformed, or to be chosen at random.
  public var contid: ContainerID?
  /// The tracer chooses the ID (T6).
  public var isRandom: Bool
  /// Its threads and all that descends from it are moved too, instead of being a reason to refuse.
  public var includesDescendants: Bool
  /// A process, or one of its threads, by its number in the initial PID namespace.
  public var target: UInt32
  /// The process that asks, by the kernel's word.
  public var caller: UInt32
  /// The caller has CAP_AUDIT_CONTROL, effective, in the initial user namespace.
  public var callerIsCapable: Bool
  /// Free text; one that is longer than `nameBytesMax` is cut, and ends in three dots.
  public var name: [UInt8]

  public static let nameBytesMax = 255

  public init(
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
  public static func canBeTask(_ pid: UInt32) -> Bool {
    pid > 0 && pid < TaskNumber.limit
  }

  private static func fitting(_ name: [UInt8]) -> [UInt8] {
    guard name.count > nameBytesMax else { return name }
    let room = nameBytesMax - BoundedText.dots.count
    return BoundedText(Array(name.prefix(room)), cut: .end).visible
  }
}
