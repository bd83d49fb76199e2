// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing
@testable import NSTraceConformance

/// A clause before its judge: a stream in which the clause holds on so many occasions, and a change
/// of the records, or another stream, by which the given serials break it.
struct Hearing: Sendable, CustomTestStringConvertible {
  let clause: Clause
  let steps: [ConformanceStream.Step]
  let occasions: Int
  var brokenSteps: [ConformanceStream.Step]?
  let serials: [UInt64]
  let tamper: @Sendable (inout [AuditEvent]) -> Void

  init(
    _ clause: Clause, _ steps: [ConformanceStream.Step], holds occasions: Int,
    brokenBy serials: [UInt64], in brokenSteps: [ConformanceStream.Step]? = nil,
    _ tamper: @escaping @Sendable (inout [AuditEvent]) -> Void = { _ in }
  ) {
    self.clause = clause
    self.steps = steps
    self.occasions = occasions
    self.brokenSteps = brokenSteps
    self.serials = serials
    self.tamper = tamper
  }

  var testDescription: String { "\(clause.rawValue) broken by \(serials)" }
}

extension [AuditEvent] {
  /// Changes every NS_CREATE, NS_CHANGE and NS_DESTROY record with these properties.
  mutating func forge(
    _ verb: NamespaceRecord.Verb, _ op: NSTrace.Operation? = nil,
    _ body: (inout NamespaceRecord) -> Void
  ) {
    for event in indices {
      for record in self[event].namespaces.indices
      where self[event].namespaces[record].verb == verb
        && op ?? self[event].namespaces[record].op == self[event].namespaces[record].op
      {
        body(&self[event].namespaces[record])
      }
    }
  }

  mutating func forge(_ verb: ContainerRecord.Verb, _ body: (inout ContainerRecord) -> Void) {
    for event in indices {
      for record in self[event].containers.indices
      where self[event].containers[record].verb == verb {
        body(&self[event].containers[record])
      }
    }
  }
}
