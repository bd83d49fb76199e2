// SPDX-License-Identifier: Apache-2.0

package import CNSWire

extension Tracker where Sink: ~Copyable {
  package mutating func host(
    _ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan
  ) {
    let host = HostFacts(event, release: release, hostname: hostname, version: version)
    self.host = host
    state.hosts = host.initial
    hasCensus = event.hooks & UInt32(NST_HOOK_CENSUS) != 0
    tellsFreed = event.hooks & UInt32(NST_HOOK_FREED) != 0
    if event.hooks & UInt32(NST_HOOK_AUDIT) != 0 {
      state.stays.begin(limit: options.rememberedEnds)
    }
    sink.hear(.answers(event.hooks & UInt32(NST_HOOK_FREED | NST_HOOK_NSFS) != 0))
  }

  package mutating func clock(_ event: nst_clock) {
    realtimeOffsetNs = event.realtime_offset_ns
  }

  package mutating func snapshotBegin(_ event: nst_snapshot) {
    epoch &+= 1
    snapshotBeganNs = event.hdr.time_ns
    sink.hear(.unsure(true))
    phase = phase == .waiting || phase == .starting ? .starting : .resyncing
  }

  package mutating func snapshotEnd(_ event: nst_snapshot) {
    if isWalking { endUnseen(at: event.hdr.time_ns) }
    let (isFirst, wasWriting) = (phase == .starting, isWriting)
    phase = .following
    if !wasWriting { resumeSessions(at: event.hdr.time_ns) }
    if isFirst { dropUnseenKept(at: event.hdr.time_ns) }
    if !wasWriting { findSessions(at: event.hdr.time_ns) }
    // The others belong to births that were lost.
    unborn = unborn.filter { $0.value.hdr.time_ns >= snapshotBeganNs }
    if lostCount > 0 {
      writeLost(
        at: event.hdr.time_ns, kind: nil, lostCount, since: lostSinceNs, resynced: true)
    }
    lostCount = 0
    lostSinceNs = 0
    sink.hear(.unsure(false))
  }

  /// Ends the tasks that the snapshot does not have.
  private mutating func endUnseen(at time: UInt64) {
    for task in state.tasks.sorted where task.epoch != epoch {
      if let index = state.tasks.find(task.tid) { end(index, op: .resync, at: time) }
    }
    state.compact()
  }

  package mutating func lost(_ event: nst_lost) {
    let cause = LostRecord.Cause(flags: event.flags)
    // Without doubt about tasks' sets no walk follows.
    if cause.leavesDoubt {
      sink.hear(.unsure(true))
      if lostCount == 0 { lostSinceNs = event.since_ns }
      lostCount &+= UInt64(event.count)
    }
    if cause.hasMissing { counters.lost &+= UInt64(event.count) }
    writeLost(
      at: event.hdr.time_ns, kind: event.kind, UInt64(event.count),
      since: cause.leavesDoubt ? lostSinceNs : event.since_ns, resynced: false, cause)
  }

  /// Only the share's own tasks may be elsewhere than the state has them, so it counts as whole. Their
  /// next records, or a walk, show it.
  package mutating func suppressed(_ event: nst_suppressed) {
    counters.lost &+= UInt64(event.count)
    var draft = begin(at: event.hdr.time_ns)
    draft.event.lost = LostRecord(
      count: UInt64(event.count), kind: event.kind, sinceNs: wallClock(event.since_ns),
      resynced: false, cause: .share, share: share(of: event))
    finish(draft)
  }

  private func share(of event: nst_suppressed) -> LostShare {
    let path = state.cgroups.path(of: CgroupID(hierarchy: 0, id: event.cgroup_id))
    return LostShare(
      uid: event.uid == .max ? nil : event.uid,
      cgroup: (path ?? BoundedText()).keepingEnd(NamespaceState.printedPathLimit))
  }

  package mutating func freed(_ event: nst_freed) {
    sink.hear(.freed(inum: event.inum))
    free(event.inum, at: event.hdr.time_ns)
    if !state.stains.isEmpty { state.freeStains(inum: event.inum) }
  }

  package mutating func pinned(_ event: nst_pinned) {
    guard let id = NamespaceID(type: event.type, inum: event.inum, nsid: event.id) else { return }
    let isPinned = PinnedAnswer(rawValue: event.answer)?.isPinned
    sink.hear(.answer(id, isPinned: isPinned))
    if let isPinned, !state.stains.isEmpty { state.answerStain(id, isPinned: isPinned) }
  }

  package mutating func users(_ event: nst_users) {}

  package mutating func unknown(_ header: nst_header) { counters.unknown &+= 1 }

  private mutating func writeLost(
    at time: UInt64, kind: UInt16?, _ count: UInt64, since: UInt64, resynced: Bool,
    _ cause: LostRecord.Cause = .full
  ) {
    var draft = begin(at: time)
    draft.event.lost = LostRecord(
      count: count, kind: kind, sinceNs: wallClock(since), resynced: resynced, cause: cause)
    finish(draft)
  }
}
