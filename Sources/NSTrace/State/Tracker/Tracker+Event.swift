// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - Beginning and end of an event

extension Tracker where Sink: ~Copyable {
  /// CLOCK_REALTIME in nanoseconds, for a CLOCK_BOOTTIME in nanoseconds.
  func wallClock(_ bootNs: UInt64) -> Int64 {
    Int64(truncatingIfNeeded: bootNs) &+ realtimeOffsetNs
  }

  /// An event without records.
  /// - Parameters:
  ///   - time: CLOCK_BOOTTIME, nanoseconds.
  ///   - flags: NST_FLAG_* of the record that has the call.
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

  /// Copies a task's program, as of its last exec, into the event.
  func setProgram(of index: TaskTable.Index?, _ draft: inout EventDraft) {
    guard let index else { return }
    // Into the event's own buffer: sharing would allocate one for the next event.
    draft.event.exe.clear()
    draft.event.exe += state.subjects.exe(of: state.tasks[index].subject)
    draft.event.exeMarks.formUnion(state.subjects.exeMarks(of: state.tasks[index].subject))
    draft.event.programOrigin = state.subjects.origin(of: state.tasks[index].subject)
  }

  /// As `finish`, after a record that may have changed the confinement of the task's cgroup.
  mutating func finish(_ draft: consuming EventDraft, about tid: UInt32) {
    tellCgroups(opid: tid, &draft)
    finish(draft)
  }

  /// Writes the event if it has a record and the first snapshot is complete.
  mutating func finish(_ draft: consuming EventDraft) {
    if isWriting, !draft.isEmpty { write(&draft) }
    spare = consume draft
    if state.stains.isFull { forgetStains(at: state.timeNs) }
  }

  /// Whether the first snapshot is complete. Nothing is written before.
  var isWriting: Bool { phase == .following || phase == .resyncing }

  /// Not inlined: inside `finish`, which owns the draft, the compiler (6.3) hands the sink a copy
  /// of the event.
  @inline(never)
  private mutating func write(_ draft: inout EventDraft) {
    counters.events &+= 1
    note(session: draft.event.actorSession, &draft)
    if options.tellsCgroups { setCgroup(&draft) }
    draft.complete(serial: counters.events)
    draft.write(to: &sink)
    if options.tellsLifecycle { tellLifecycles(&draft) }
  }

  private func setCgroup(_ draft: inout EventDraft) {
    guard let subject = draft.event.subject else { return }
    let place = cgroups(of: state.tasks.find(subject.task.tid))
      .seen(in: subject.cgroup_id, at: draft.event.bootNs)
    draft.event.cgroup = state.cgroups.path(of: place)
  }
}
