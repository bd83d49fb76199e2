// SPDX-License-Identifier: Apache-2.0

/// Types of records that a user named: of the kernel's audit, and of nstrace.
package struct RecordTypeChoice: Sendable, Equatable {
  private var kernel: Set<UInt16> = []
  private var own: Set<RecordType> = []

  package init() {}

  /// Whether nothing was named.
  package var isEmpty: Bool { kernel.isEmpty && own.isEmpty }

  /// Adds a type by its name, or by `UNKNOWN[1394]`. Some names mean both one of the kernel's types and
  /// one of nstrace's: SYSCALL.
  /// - Returns: whether there is such a type.
  package mutating func insert(_ text: String) -> Bool {
    let number = KernelRecordType(spelling: Array(text.utf8))
    if let number { kernel.insert(number.number) }
    let types = RecordType.allCases.filter {
      text == "\($0.name)" || number != nil && $0.defaultNumber == number?.number
    }
    own.formUnion(types)
    return number != nil || !types.isEmpty
  }

  /// - Parameter number: of a type of the kernel's audit.
  func contains(number: UInt16) -> Bool { kernel.contains(number) }

  func contains(_ type: RecordType) -> Bool { own.contains(type) }

  /// Whether the event has a record of one of these types.
  func isIn(_ event: borrowing AuditEvent) -> Bool {
    for record in event.namespaces where contains(RecordType(record.verb)) { return true }
    return event.call != nil && contains(.syscall)
      || !event.sessions.isEmpty && contains(.containerSession)
      || !event.containers.isEmpty && contains(.containerOp)
      || event.info != nil && !event.containers.isEmpty && contains(.nsInfo)
      || event.lost != nil && contains(.nsLost)
      || event.lifecycle.map { contains(RecordType($0.step)) } == true
      || event.call != nil && !event.proctitle.isEmpty && contains(.proctitle)
      || contains(.containerID) && !event.containerMentions.isEmpty
  }

  /// Whether the event has a record of one of these types; CONTAINER_ID stands for its mentions.
  func isIn(_ event: borrowing KernelEvent) -> Bool {
    for record in event.records where kernel.contains(record.type) { return true }
    return !event.mentions.isEmpty && contains(.containerID)
  }
}

extension RecordType {
  /// The number with the default base; nil: a type that auditd knows by name.
  fileprivate var defaultNumber: UInt16? {
    offset.map { UInt16(Self.defaultBase + $0) }
  }
}
