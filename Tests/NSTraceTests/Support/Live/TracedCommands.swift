// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

/// Runs commands in turn under one tracer.
struct TracedCommands: ~Copyable {
  var trace: LiveTrace

  init() throws { trace = try .attached() }

  /// Runs a command and follows it to the end of its last task.
  mutating func run(
    _ path: String, _ arguments: [String]
  ) throws -> (pid: UInt32, output: String, records: [NamespaceRecord]) {
    var process = try trace.start(path, arguments)
    try trace.follow(&process)
    guard process.status == .exited(0) else {
      throw LiveTraceError.actorFailed("\(path) \(arguments): \(process.errorText)")
    }
    return (UInt32(process.pid), process.outputText, trace.treeEvents.flatMap(\.namespaces))
  }

  /// The host's own namespaces.
  mutating func host() throws -> ActorPlace {
    let (_, output, records) = try run(BuiltProducts.nsactor, ["report", "host"])
    #expect(records == [])
    return try ActorFacts(output).place("host")
  }
}
