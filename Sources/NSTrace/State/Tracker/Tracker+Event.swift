// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - From the beginning of an event to its end

extension Tracker where Sink: ~Copyable {
  /// CLOCK_REALTIME at a time of CLOCK_BOOTTIME, nanoseconds.
  func wallClock(_ bootNs: UInt64) -> Int64 {
    Int64(truncatingIfNeeded: bootNs) &+ realtimeOffsetNs
  }

  /// An event without records, at a time of CLOCK_BOOTTIME (nanoseconds).
  /// - Parameter flags: NST_FLAG_*, of the record that has the call.
  mutating func begin(
    at time: UInt64, call: nst_call? = nil, subject: nst_subject? = nil,
    exe: RawSpan = RawSpan(), _ exeMarks: ProgramMarks = [],
    proctitle: RawSpan = RawSpan(), _ flags: UInt16 = 0
  ) -> EventDraft {
    state.timeNs = time
    state.isFinding = false
    lastToldNs = max(lastToldNs, time)
    var draft = spare.take() ?? EventDraft()
    draft.event.clear()
    draft.event.timeNs = wallClock(time)
    draft.event.bootNs = time
    draft.event.nsfsDev = host?.nsfsDev ?? 0
    draft.event.call = call
    draft.event.subject = subject
    draft.event.exe.append(exe)
    draft.event.exeMarks = exeMarks.union(ProgramMarks(subjectFlags: subject?.flags ?? 0))
    draft.event.proctitle.append(proctitle)
    draft.event.isProctitleCut = flags & UInt16(NST_FLAG_PROCTITLE_CUT) != 0
    return draft
  }

  /// The program of a task, as of its last exec.
  func setProgram(of index: TaskTable.Index?, _ draft: inout EventDraft) {
    guard let index else { return }
    // Into the event's own buffer: a shared one would be allocated anew for the next event.
    draft.event.exe.clear()
    draft.event.exe += state.subjects.exe(of: state.tasks[index].subject)
    draft.event.exeMarks.formUnion(state.subjects.exeMarks(of: state.tasks[index].subject))
  }

  /// As `finish`, after a record about a task, which may have changed what is true of its cgroup.
  mutating func finish(_ draft: consuming EventDraft, about tid: UInt32) {
    tellCgroups(opid: tid, &draft)
    finish(draft)
  }

  /// Writes the event, if it has a record and the first snapshot is complete.
  mutating func finish(_ draft: consuming EventDraft) {
    if phase == .following || phase == .resyncing, !draft.isEmpty { write(&draft) }
    spare = consume draft
  }

  /// Inlined into `finish`, which owns the draft, the compiler (6.3) hands the sink a copy of the event.
  @inline(never)
  private mutating func write(_ draft: inout EventDraft) {
    counters.events &+= 1
    draft.complete(serial: counters.events)
    draft.write(to: &sink)
    if options.tellsLifecycle { tellLifecycles(&draft) }
  }
}
