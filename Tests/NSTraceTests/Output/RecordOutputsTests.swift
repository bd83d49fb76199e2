// SPDX-License-Identifier: Apache-2.0

import Foundation
import NSTrace
import Testing

@Suite struct RecordOutputsTests {
  @Test func `the filter is for what is printed: the audit log is whole`() throws {
    let scratch = try ScratchDirectory()
    let (main, log) = (scratch.file("main"), scratch.file("log"))
    var filter = RecordFilter()
    filter.kinds = [.mnt]
    var outputs = RecordOutputs(
      main: RecordWriter(.audit(AuditLineFormat()), to: try .creating(main)),
      log: RecordWriter(AuditLineFormat(), to: try .creating(log)), filter: filter)
    outputs.write(SampleEvents.created)
    outputs.write(SampleEvents.destroyed)
    outputs.flush()
    let all = [SampleEvents.created, SampleEvents.destroyed].flatMap(AuditLineFormat().lines)
    #expect(try lines(of: log) == all)
    #expect(try lines(of: main) == [all[3]])
    #expect([outputs.main.events, outputs.log?.events] == [1, 2])
  }

  @Test func `a table begins with its heading, and no format at all writes nothing`() throws {
    let scratch = try ScratchDirectory()
    let (table, none) = (scratch.file("table"), scratch.file("none"))
    for (path, format) in [(table, AnyFormat.table(TableFormat())), (none, .none)] {
      var writer = RecordWriter(format, to: try .creating(path))
      writer.write(SampleEvents.lost)
      writer.flush()
      #expect(writer.events == (path == table ? 1 : 0))
    }
    #expect(try lines(of: table).map { $0.prefix(4) } == ["TIME", "23:0"])
    #expect(try DumpFile.bytes(of: none) == [])
  }

  @Test func `a write that fails is remembered and ends the writing`() throws {
    var writer = RecordWriter(JSONLinesFormat(), to: try .creating("/dev/full"))
    writer.write(SampleEvents.created)
    #expect(writer.failure == nil, "nothing has been written yet")
    writer.flush()
    #expect(writer.failure == SystemError("write to /dev/full", errno: ENOSPC))
    writer.write(SampleEvents.created)
    #expect(writer.events == 1)
  }

  @Test func `a log that was moved away is gone on with in a new file`() throws {
    let scratch = try ScratchDirectory()
    let (old, new) = (scratch.file("old"), scratch.file("new"))
    var writer = RecordWriter(AuditLineFormat(), to: try .creating(old))
    writer.write(SampleEvents.lost)
    writer.reopen(try .creating(new))
    writer.write(SampleEvents.resynced)
    writer.flush()
    #expect(try lines(of: old) == AuditLineFormat().lines(of: SampleEvents.lost))
    #expect(try lines(of: new) == AuditLineFormat().lines(of: SampleEvents.resynced))
  }

  private func lines(of path: String) throws -> [String] {
    String(decoding: try DumpFile.bytes(of: path), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }
}
