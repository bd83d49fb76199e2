// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// A tid that is another task's now, without a word of the first one's exit.
@Suite struct ReusedTidTests {
  private static let net = nst_set.host().with(.net, 4_026_532_281, nsid: 99)

  /// In its first snapshot: task 5, alone in a network namespace.
  private func tracker() throws -> Tracker<FormattingSink> {
    var tracker = Tracker(sink: FormattingSink())
    try track(&tracker) {
      $0.appendSnapshotBegin(at: 10)
      $0.append(nst_task.make(.make(5), in: Self.net, at: 11), exe: WireSample.exeText)
      $0.appendSnapshotEnd(tasks: 1, at: 12)
    }
    return tracker
  }

  private func track(
    _ tracker: inout Tracker<FormattingSink>, _ append: (inout RecordEncoder) -> Void
  ) throws {
    var encoder = RecordEncoder()
    var decoder = EventDecoder()
    append(&encoder)
    try decoder.decode(encoder.bytes.span.bytes, into: &tracker)
  }

  @Test func `a task forked by one with its own tid has no parent any more`() throws {
    var tracker = try tracker()
    try track(&tracker) {
      $0.append(nst_fork.make(.make(5, startNs: 20_000), of: 5, at: 20_000))
    }
    #expect(tracker.state.taskCount == 1)
    #expect(tracker.state.taskSummaries.isEmpty, "where it is, nobody has said")
    #expect(tracker.state.namespaceCount == 0)
    #expect(tracker.state.sets.count == 0)
    #expect(tracker.state.subjects.count == 0)
  }

  @Test func `a task found in a snapshot ends the one that had its tid`() throws {
    var tracker = try tracker()
    try track(&tracker) {
      $0.append(
        nst_task.make(.make(5, startNs: 20_000), in: .host(), at: 20_001), exe: [])
    }
    #expect(tracker.state.taskCount == 1)
    #expect(tracker.state.taskSummaries.map(\.namespaces[6].inum) == [nst_set.host()[.net].inum])
    #expect(tracker.state.namespaceCount == 8)
  }

  @Test(arguments: [0, TaskNumber.limit])
  func `an exec to a tid that cannot be adds no task`(_ tid: UInt32) throws {
    var tracker = try tracker()
    try track(&tracker) {
      $0.append(
        nst_exec.make(.make(tid, tgid: 5), in: Self.net, oldTid: 5, at: 20_000), exe: [],
        proctitle: [])
    }
    #expect(tracker.state.taskSummaries.map(\.tid) == [5])
    #expect(tracker.state.taskCount == 1)
  }
}
