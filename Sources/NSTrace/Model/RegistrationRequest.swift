// SPDX-License-Identifier: Apache-2.0

/// The request that a process be the first of a container.
package struct RegistrationRequest: Sendable {
  /// The requested ID; nil: malformed, or to be chosen at random.
  package var contid: ContainerID?
  /// Whether the tracer chooses the ID (T6).
  package var isRandom: Bool
  /// Whether threads and descendants are registered, too, instead of being a reason to refuse.
  package var includesDescendants: Bool
  /// Whether who enters a namespace that has the ID takes it (T10).
  package var isTakenOnEntry: Bool
  /// The target: a process, or one of its threads, by its number in the initial PID namespace.
  package var target: UInt32
  /// The requesting process, as the kernel reports it.
  package var caller: UInt32
  /// When that process was started: CLOCK_BOOTTIME, nanoseconds; 0: not known.
  package var callerStartNs: UInt64
  /// The caller's, as the kernel reports them.
  package var capabilities: AuditCapabilities
  /// Whether it asks for what the tracer's policy does not have. It is then malformed.
  package var isOfOtherPolicy = false
  /// The container's name: free text, which beyond `nameBytesMax` is cut and ends in three dots.
  package var name: [UInt8]

  package static let nameBytesMax = 255

  package init(
    contid: ContainerID?, isRandom: Bool = false, includesDescendants: Bool = false,
    isTakenOnEntry: Bool = false, target: UInt32, caller: UInt32, callerStartNs: UInt64 = 0,
    capabilities: AuditCapabilities, name: [UInt8] = []
  ) {
    self.contid = contid
    self.isRandom = isRandom
    self.includesDescendants = includesDescendants
    self.isTakenOnEntry = isTakenOnEntry
    self.target = target
    self.caller = caller
    self.callerStartNs = callerStartNs
    self.capabilities = capabilities
    self.name = Self.fitting(name)
  }

  /// Whether a task can have that number: the kernel gives neither 0 nor PID_MAX_LIMIT and above.
  package static func canBeTask(_ pid: UInt32) -> Bool {
    pid > 0 && pid < TaskNumber.limit
  }

  private static func fitting(_ name: [UInt8]) -> [UInt8] {
    guard name.count > nameBytesMax else { return name }
    let room = nameBytesMax - BoundedText.dots.count
    return BoundedText(Array(name.prefix(room)), cut: .end).visible
  }
}
