// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Events of the kernel's audit in the outputs of a run.
@Suite struct KernelEventOutputTests {
  private static func lines(of path: String) throws -> [String] {
    String(decoding: try DumpFile.bytes(of: path), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }

  @Test func `the log has all of it, and standard output what is selected`() throws {
    let scratch = try ScratchDirectory()
    let (main, log) = (scratch.file("main"), scratch.file("log"))
    var filter = RecordFilter()
    let isTaken = [filter.containers.insert("webs"), filter.excludedTypes.insert("EXECVE")]
    #expect(isTaken == [true, true])
    var outputs = RecordOutputs(
      main: RecordWriter(.audit(AuditLineFormat()), to: try .creating(main)),
      log: RecordWriter(AuditLineFormat(), to: try .creating(log)), filter: filter)
    outputs.write(KernelEvent.executed)
    outputs.note(name: Array("webserver".utf8), of: ContainerID(high: 0, low: 42))
    outputs.write(KernelEvent.executed)
    outputs.write(KernelEvent.make((1305, "op=set")))
    outputs.flush()
    let all = AuditLineFormat().lines(of: .executed)
    #expect(
      try Self.lines(of: log) == all + all
        + AuditLineFormat().lines(of: .make((1305, "op=set"))))
    #expect(try Self.lines(of: main) == all.filter { !$0.hasPrefix("type=EXECVE") })
    #expect([outputs.main.events, outputs.log?.events] == [1, 3])
    #expect([outputs.main.records, outputs.log?.records] == [4, 11])
  }

  private static func event(_ number: Int64) -> KernelEvent {
    var event = KernelEvent.executed
    event.serial += UInt64(number)
    event.timeNs += number * 1_000_000
    return event
  }

  /// Fills a small pipe until an event is left out.
  /// - Returns: the number of the events before it, and what is read then.
  private static func fill(after own: AuditEvent?) throws -> (Int64, [String]) {
    let pipe = try SmallPipe()
    var writer = RecordWriter(AuditLineFormat(), live: try pipe.file(), waitingMax: 1 << 18)
    if let own { writer.write(own) }
    var number: Int64 = 0
    while writer.missing == 0 {
      number += 1
      writer.write(event(number))
    }
    writer.write(event(number + 1))
    #expect(writer.missing == 10)
    var read: [UInt8] = []
    while true {
      let part = pipe.read()
      if part.isEmpty { break }
      read += part
      writer.drain()
    }
    return (number, String(decoding: read, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  @Test func `what is left out is a gap, at the kernel's time with a serial of the run`() throws {
    for own in [SampleEvents.created, nil] {
      let (first, lines) = try Self.fill(after: own)
      let serial = own?.serial ?? 1
      #expect(
        lines.last
          == "type=NS_LOST msg=audit(\(Self.padded(first + 1)):\(serial)): lost=\"10\" kind=all "
          + "since=\(Self.padded(first)) resynced=0 cause=stdout res=1")
    }
  }

  private static func padded(_ number: Int64) -> String {
    let milliseconds = KernelEvent.stampNs / 1_000_000 + number
    let rest = "00\(milliseconds % 1000)".suffix(3)
    return "\(milliseconds / 1000).\(rest)"
  }
}
