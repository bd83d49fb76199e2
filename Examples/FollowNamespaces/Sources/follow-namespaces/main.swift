// SPDX-License-Identifier: Apache-2.0

// Prints the namespaces that are created and destroyed within SECONDS; needs root: follow-namespaces SECONDS

import NSTrace
import NSTraceLive

struct Lifetimes: AuditEventSink {
  func write(_ event: borrowing AuditEvent) {
    for record in event.namespaces where record.granted && record.verb != .change {
      guard let kind = record.kind, let id = record.namespace else { continue }
      print("\(record.verb) \(kind) \(id.inum) by \(record.opid), container \(record.containers)")
    }
  }
}

let end = ContinuousClock.now + .seconds(Int(CommandLine.arguments[1])!)
var pipeline = Pipeline(
  from: try KernelSource(ringBytes: 4 << 20, version: "follow-namespaces 1.0"), to: Lifetimes())
try pipeline.follow { ContinuousClock.now >= end }
