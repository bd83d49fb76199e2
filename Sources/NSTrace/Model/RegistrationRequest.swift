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
  /// Free text; what is longer than `nameBytesMax` is cut.
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
    self.name = Array(name.prefix(Self.nameBytesMax))
  }
}
