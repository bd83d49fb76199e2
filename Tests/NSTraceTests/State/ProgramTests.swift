// SPDX-License-Identifier: Apache-2.0

import CNSWire
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

  /// The marks of the program in each event.
  private static func marks(_ fill: (inout RecordEncoder) -> Void) throws -> [ProgramMarks] {
    var tracker = Tracker(sink: CollectingSink())
    var encoder = RecordEncoder()
    encoder.appendSnapshotBegin(at: 10)
    encoder.append(nst_task.make(.make(5), in: .host(), at: 11), exe: Array("/bin/x".utf8))
    encoder.appendSnapshotEnd(tasks: 1, at: 12)
    fill(&encoder)
    var decoder = EventDecoder()
    try RecordBatch(encoder.bytes).withBytes { (bytes) throws(WireError) in
      try decoder.decode(bytes, into: &tracker)
    }
    return tracker.sink.events.map(\.exeMarks)
  }

  private static func subject(_ tid: UInt32, isDeleted: Bool = false) -> nst_subject {
    var subject = nst_subject.make(tid)
    if isDeleted { subject.flags |= UInt16(NST_SUBJECT_EXE_DELETED) }
    return subject
  }

  private static func moved(
    _ subject: nst_subject, _ inum: UInt32, at time: UInt64
  ) -> nst_switch {
    .make(subject, to: nst_set.host().with(.uts, inum, nsid: UInt64(inum)), at: time)
  }

  @Test func `a program deleted after its exec is so for good, for those born since, too`() throws {
    let marks = try Self.marks { encoder in
      encoder.append(Self.moved(Self.subject(5), 101, at: 20_000), proctitle: [])
      encoder.append(Self.moved(Self.subject(5, isDeleted: true), 102, at: 20_001), proctitle: [])
      encoder.append(nst_fork.make(.make(6, startNs: 20_002), of: 5, at: 20_002))
      // Without a word of its own: its mm is gone.
      encoder.append(Self.moved(Self.subject(5), 103, at: 20_003), proctitle: [])
      encoder.append(nst_exit.make(.make(6, startNs: 20_002), at: 20_004), subject: nil)
    }
    #expect(marks == [[], .deleted, .deleted, .deleted])
  }

  @Test func `an exit may be the first to tell`() throws {
    let marks = try Self.marks { encoder in
      encoder.append(Self.moved(Self.subject(5), 101, at: 20), proctitle: [])
      let subject = Self.subject(5, isDeleted: true)
      encoder.append(nst_exit.make(subject.task, at: 21), subject: subject)
    }
    #expect(marks == [[], .deleted])
  }

  @Test func `the next program is another one`() throws {
    let marks = try Self.marks { encoder in
      encoder.append(Self.moved(Self.subject(5, isDeleted: true), 101, at: 20), proctitle: [])
      let set = nst_set.host().with(.uts, 101, nsid: 101)
      var exec = nst_exec.make(Self.subject(5), in: set, at: 21)
      exec.exe_flags = UInt16(NST_EXE_CUT)
      encoder.append(exec, exe: Array("/y".utf8), proctitle: [])
      encoder.append(Self.moved(Self.subject(5), 102, at: 22), proctitle: [])
      (exec.exe_flags, exec.hdr.time_ns) = (UInt16(NST_EXE_DELETED), 23)
      exec.set = nst_set.host().with(.uts, 102, nsid: 102)
      encoder.append(exec, exe: Array("/z".utf8), proctitle: [])
      encoder.append(Self.moved(Self.subject(5), 103, at: 24), proctitle: [])
    }
    #expect(marks == [.deleted, .cut, .deleted])
  }

  @Test func `whoever is only met says what it is`() throws {
    let marks = try Self.marks { encoder in
      var late = nst_task.make(
        Self.subject(7), in: nst_set.host().with(.uts, 101, nsid: 101), at: 20, flags: NST_FLAG_LATE
      )
      late.exe_flags = UInt16(NST_EXE_DELETED | NST_EXE_CUT)
      encoder.append(late, exe: Array("/x".utf8))
    }
    #expect(marks == [[.deleted, .cut]])
  }
}
