// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T5, the IDs. Under `automatic` the same set of namespaces has the same ID. Another set that
/// lives at the same time has another ID, and the host's set has none. A task that moves from one
/// set to another has a CONTAINER_OP for it, and no other task has one.
///
/// The ID of a set is learned from the first record that prints it.
struct AutomaticJudge: Judge {
  private var tally = Tally()
  /// The IDs of the sets that tasks are in, by memberships.
  private var ids: [[Instance]: ContainerID] = [:]
  private var sets: [ContainerID: [Instance]] = [:]
  /// The sets that the record's tasks have left empty, with their IDs where known.
  private var former: [[Instance]: ContainerID?] = [:]

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    former.removeAll()
    let printed = evidence.containerRecords.filter { $0.record.verb == .set && $0.record.granted }
    var matches = Matches(printed.map(\.record.opid))
    for step in account.steps {
      switch step {
      case .desert(let set): forget(set)
      case .move(let tid, let old, let new):
        // The host's set is one, also when other namespaces get its numbers.
        let isAtHome = account.isHostSet(old) && account.isHostSet(new)
        guard account.isFollowing, !isAtHome else { continue }
        let match = matches.take(tid).map { printed[$0] }
        weigh(tid, old, new, match, evidence, account)
      }
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
      tally.expect(false, at: [event.serial]) {
        "task \(record.opid) is recorded with contid=\(record.id), and has come into no other set"
      }
    }
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && record.granted {
      weigh(record, event, account)
    }
  }

  private mutating func weigh(
    _ tid: UInt32, _ old: [Instance], _ new: [Instance],
    _ printed: (record: ContainerRecord, event: PrintedEvent)?, _ evidence: Evidence,
    _ account: Account
  ) {
    guard let (record, event) = printed else {
      return tally.expect(false, at: evidence.serials) {
        "task \(tid) came into another set, and no CONTAINER_OP says so"
      }
    }
    let id = ContainerList(record.id.isUnset ? [] : [.init(record.id)])
    let isOld = agrees(record.old, of: old, account)
    let isNew = agrees(id, of: new, account)
    tally.expect(isOld && isNew, at: [event.serial]) {
      "task \(tid) went from contid=\(record.old.words) to \(id.words): "
        + "\(isOld ? "the latter" : "the former") is not the ID of its set, or is another set's"
    }
  }

  private mutating func weigh(
    _ record: NamespaceRecord, _ event: PrintedEvent, _ account: Account
  ) {
    guard let homes = account.homes[record.opid], let last = homes.last else { return }
    // A namespace that ends with a move is one that the task has left.
    let allowed = record.verb == .destroy ? homes : [last]
    var isAllowed = false
    for set in allowed where !isAllowed { isAllowed = agrees(record.containers, of: set, account) }
    tally.expect(isAllowed, at: [event.serial]) {
      "\(record.words) says contid=\(record.containers.words), which is not the ID of its set"
    }
  }

  /// Whether the set has this ID. A set without a known ID gets it.
  private mutating func agrees(
    _ list: ContainerList, of set: [Instance], _ account: Account
  ) -> Bool {
    if account.isHostSet(set) { return list.isUnset }
    guard let id = list.elements.first?.id, list.elements.count == 1 else { return false }
    if let known = ids[set] ?? former[set] ?? nil { return known == id }
    guard sets[id] == nil else { return false }
    if former[set] == nil { (ids[set], sets[id]) = (id, set) }
    return true
  }

  private mutating func forget(_ set: [Instance]) {
    let id = ids.removeValue(forKey: set)
    if let id { sets[id] = nil }
    former[set] = .some(id)
  }

  var verdicts: [Clause: Verdict] {
    [.t5: tally.verdict(orElse: "no task came into another set of namespaces")]
  }
}
