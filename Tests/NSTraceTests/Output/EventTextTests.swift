// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

/// What a program that uses the library sees of an event.
@Suite struct EventTextTests {
  @Test(arguments: [
    (EventText.Format.audit, "linux-6.12.audit"), (.json, "linux-6.12.json"),
    (.table, "linux-6.12.table"),
  ])
  func `the text of an event is what the program prints of it`(
    _ format: EventText.Format, _ golden: String
  ) throws {
    var pipeline = Pipeline(
      from: try DumpSource(path: Fixture.path("linux-6.12.nsdump")), to: TextSink(format))
    try pipeline.run()
    let expected = try Fixture.text(golden)
    // A table begins with its heading.
    #expect(expected.hasSuffix(pipeline.sink.text))
    #expect(
      pipeline.sink.text.split(separator: "\n").count >= expected.split(separator: "\n").count - 1)
  }

  @Test func `the actor is the task that called, with its credentials`() throws {
    var pipeline = Pipeline(
      from: try DumpSource(path: Fixture.path("linux-6.12.nsdump")), to: TextSink(.audit))
    try pipeline.run()
    let actor = try #require(pipeline.sink.actors.first)
    let record = try #require(
      Fixture.text("linux-6.12.audit").split(separator: "\n").first {
        $0.hasPrefix("type=SYSCALL ")
      })
    let said = [
      "ppid=\(actor.ppid)", "pid=\(actor.pid)", "auid=\(actor.auid)", "uid=\(actor.uid)",
      "ses=\(actor.session)", "comm=\"\(String(decoding: actor.comm, as: UTF8.self))\"",
    ]
    #expect(said.filter { !record.contains(" \($0)") } == [])
  }
}

private struct TextSink: AuditEventSink {
  private var format: EventText
  private(set) var text = ""
  /// Of the events that have a SYSCALL record.
  private(set) var actors: [EventActor] = []

  init(_ format: EventText.Format) { self.format = EventText(format) }

  mutating func write(_ event: borrowing AuditEvent) {
    let lines = format.text(of: event)
    text += lines
    if lines.hasPrefix("type=SYSCALL "), let actor = event.actor { actors.append(actor) }
  }
}
