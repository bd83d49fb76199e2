// SPDX-License-Identifier: Apache-2.0

/// What a process belonged to at the time of an audit event.
package enum StayAnswer: Equatable, Sendable {
  /// No task of the process is known at that time, or two that had its number one after the other
  /// belonged to different containers.
  case unknown
  /// The containers and sessions of its tasks then; none: it was the host's.
  case known([ContainerMention])
}

extension NamespaceState {
  /// What a task belongs to now.
  func membership(of task: TaskTable.Entry) -> StayTable.Membership {
    var mentions: StayTable.Membership = []
    mentions.add(list(of: task))
    if let visit = sessions.visit(session(of: task)) { mentions.enter(visit) }
    return mentions
  }

  /// Remembers what a task has belonged to until now, if that is asked for.
  @inline(__always)
  mutating func endStay(of index: TaskTable.Index, at timeNs: UInt64) {
    if stays.isOn { rememberStay(of: index, at: timeNs) }
  }

  @inline(never)
  private mutating func rememberStay(of index: TaskTable.Index, at timeNs: UInt64) {
    stays.add(
      tasks[index], from: tasks.since(at: index), until: timeNs, membership(of: tasks[index]))
  }

  /// Remembers it of a task that lives on, and belongs to something else from now on.
  /// - Parameter old: its set before; nil: it was not known, and so belonged to nothing else before.
  mutating func changeStay(
    of index: TaskTable.Index, from old: SetTable.Slots?, to new: SetTable.Slots, at timeNs: UInt64
  ) {
    guard stays.isOn, let old,
      old[SetTable.labelLane] != new[SetTable.labelLane]
        || old[SetTable.sessionLane] != new[SetTable.sessionLane]
    else { return }
    rememberStay(of: index, at: timeNs)
    tasks.note(since: timeNs, at: index)
  }

  /// What the tasks of a process belonged to at the time of an event. The stamp is older than the event by
  /// up to `slackNs`. Of what a task came into within that time, the last counts: a process that enters a
  /// container acts there afterwards.
  ///
  /// Where nobody had the number by then, it is of the one process that started with it before `readNs`: the
  /// clock that the kernel stamps with stands still while its processor does.
  func membership(
    ofProcess tgid: UInt32, at eventNs: UInt64, slackNs: UInt64, readNs: UInt64
  ) -> StayAnswer {
    let endNs = eventNs &+ slackNs
    let sight = sight(of: tgid, from: eventNs, through: endNs)
    guard sight.isEmpty, let startNs = onlyStart(of: tgid, after: endNs, through: readNs) else {
      return sight.answer
    }
    return self.sight(of: tgid, from: startNs, through: startNs).answer
  }

  private func sight(
    of tgid: UInt32, from eventNs: UInt64, through endNs: UInt64
  ) -> StaySight {
    var sight = StaySight(eventNs: eventNs, endNs: endNs)
    for index in processTasks(tgid) {
      sight.see(
        living: tasks[index], since: tasks.since(at: index), membership(of: tasks[index]))
    }
    stays.forEach(of: tgid, lasting: eventNs) { sight.see($0, stays.membership(of: $0)) }
    return sight
  }

  /// When the only process started that got the number within this time; nil: none did, or several.
  private func onlyStart(
    of tgid: UInt32, after fromNs: UInt64, through untilNs: UInt64
  ) -> UInt64? {
    var starts: Set<UInt64> = []
    func see(_ tid: UInt32, _ startNs: UInt64) {
      if tid == tgid, startNs > fromNs, startNs <= untilNs { starts.insert(startNs) }
    }
    if let index = tasks.find(tgid) { see(tgid, tasks[index].startNs) }
    stays.forEach(of: tgid, lasting: fromNs) { see($0.tid, $0.startNs) }
    return starts.count == 1 ? starts.first : nil
  }

  private func processTasks(_ tgid: UInt32) -> [TaskTable.Index] {
    let leader = tasks.find(tgid).flatMap { tasks[$0].tgid == tgid ? $0 : nil }
    return (leader.map { [$0] } ?? []) + tasks.threads(of: tgid)
  }
}
