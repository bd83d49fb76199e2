// SPDX-License-Identifier: Apache-2.0

// Prints how many namespaces each container created, by a dump: count-namespaces FILE.nsdump

import NSTrace

struct Creations: AuditEventSink {
  var byContainers: [String: Int] = [:]

  mutating func write(_ event: borrowing AuditEvent) {
    for record in event.namespaces where record.verb == .create && record.granted {
      byContainers["\(record.containers)", default: 0] += 1
    }
  }
}

var pipeline = Pipeline(from: try DumpSource(path: CommandLine.arguments[1]), to: Creations())
try pipeline.run()

for (containers, count) in pipeline.sink.byContainers.sorted(by: { $0.key < $1.key }) {
  print("\(count) namespaces by \(containers == "-1" ? "no container" : containers)")
}
