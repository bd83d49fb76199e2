// SPDX-License-Identifier: Apache-2.0

import CBPF
import NSTrace
import Testing

/// Which program a task is said to run.
@Suite struct ProgramTests {
  @Test func `a task found late at its exit still has the program of its last exec`() throws {
    var tracker = Tracker(sink: PrintingSink(.audit(AuditLineFormat())))
    var encoder = RecordEncoder()
    encoder.appendSnapshotBegin(at: 10)
    encoder.append(nst_task.make(.make(5), in: .host(), at: 11), exe: Array("/bin/x".utf8))
    encoder.appendSnapshotEnd(tasks: 1, at: 12)
    // At sched_process_exit the task has let go of its mm: no exe comes with the record.
    let moved = nst_set.host().with(.uts, 4_026_532_300, nsid: 77)
    var late = nst_task.make(.make(5), in: moved, at: 20)
    late.hdr.flags = UInt16(NST_FLAG_LATE)
    encoder.append(late, exe: [])
    var decoder = EventDecoder()
    try RecordBatch(encoder.bytes).withBytes { (bytes) throws(WireError) in
      try decoder.decode(bytes, into: &tracker)
    }
    let line = try #require(
      tracker.sink.printed.split(separator: "\n").first { $0.contains("op=late") })
    #expect(line.contains(" exe=\"/bin/x\" "))
  }
}
