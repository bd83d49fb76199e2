// SPDX-License-Identifier: Apache-2.0

/// Where the copy of one container goes, and what stands in it.
package struct RouteRule: Sendable, Equatable {
  /// The format of a copy.
  package enum Format: String, Sendable, CaseIterable {
    case audit, json
  }

  /// The container.
  package var id: ContainerID
  /// The name of a file in the directory; nil: the ID's.
  package var file: String?
  /// The path of a socket; nil: a file.
  package var socket: String?
  /// The types of the records; nil: all.
  package var types: RecordTypeChoice?
  package var format = Format.audit

  package init(_ id: ContainerID) { self.id = id }

  /// The name of the copy's file in the directory.
  package var fileName: String { file ?? Self.fileName(of: id) }

  /// The name of the file of a container without a rule.
  package static func fileName(of id: ContainerID) -> String { "\(id).log" }

  /// Removes the records of other types. A loss is always kept.
  /// - Returns: whether any record is left.
  func reduce(_ event: inout AuditEvent) -> Bool {
    guard let types, event.lost == nil else { return true }
    event.namespaces.removeAll { !types.contains(RecordType($0.verb)) }
    if !types.contains(.containerSession) { event.sessions = [] }
    if !types.contains(.containerOp) { event.containers = [] }
    if !types.contains(.nsInfo) { event.info = nil }
    if !types.contains(.proctitle) { event.proctitle = [] }
    if let record = event.lifecycle, !types.contains(RecordType(record.step)) {
      event.lifecycle = nil
    }
    event.view?.omitsCall = !types.contains(.syscall)
    event.view?.omitsMentions = !types.contains(.containerID)
    return !event.isEmpty
  }

  /// The same of an event of the kernel's audit.
  func reduce(_ event: inout KernelEvent) -> Bool {
    guard let types else { return true }
    event.records.removeAll { !types.contains(number: $0.type) }
    if !types.contains(.containerID) { event.omitsMentions = true }
    return !event.records.isEmpty
  }
}
