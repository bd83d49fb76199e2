// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

// MARK: - Registrations without a REGISTER

extension NaiveTracker {
  /// A container that was registered before the stream began.
  struct Kept {
    var container: Container
    /// The task that was registered last.
    var target: UInt32
  }

  mutating func kept(_ event: nst_kept, name: RawSpan) {
    let family = Array(members.suffix(Int(event.members)))
    members = []
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    guard event.container != 0, !id.isUnset, registrations[event.container] == nil else { return }
    if isFollowing { return join(event, id, [UInt8](name), family) }
    registrations[event.container] = (id, [UInt8](name))
    let old = kept[id]?.container.name ?? []
    kept[id] = Kept(
      container: Container(name: old.isEmpty ? [UInt8](name) : old, owners: owners(event)),
      target: event.target_tid)
  }

  private mutating func join(
    _ event: nst_kept, _ id: ContainerID, _ name: [UInt8], _ family: [nst_member]
  ) {
    let found = family.filter { $0.container == event.container && isKnown($0.task) }
    let bearers = tasks.filter { $1.number == event.container }.keys
    let before = lists
    let begins = containers[id] == nil
    registrations[event.container] = (id, name)
    let own = containers[id]?.name ?? []
    containers[id] = Container(
      name: own.isEmpty ? name : own, owners: owners(event), told: containers[id]?.told ?? Stance())
    let tids = Set(found.map(\.task.tid)).union(bearers).filter { contid(of: $0) == nil }.sorted()
    let told = tids.map { tid in
      var record = ContainerRecord(verb: .set, opid: tid, id: id, name: name)
      record.begins =
        begins && tid == (tids.contains(event.target_tid) ? event.target_tid : tids[0])
      join(tid, id, number: event.container)
      return record
    }
    _ = drop(id, opid: event.target_tid)
    let caller = tasks[event.caller_tid]
    noteStances(opid: event.target_tid)
    say(
      assignments(since: before, told: [], opid: event.target_tid), told, info: nil,
      at: event.hdr.time_ns, actor: caller?.program == nil ? nil : event.caller_tid,
      caller?.program, caller?.session)
  }

  private func owners(_ event: nst_kept) -> [Owner] {
    let all = withUnsafeBytes(of: event.owners) { Array($0.bindMemory(to: nst_task_id.self)) }
    return all.prefix { $0.tid != 0 }.map { Owner(tid: $0.tid, startNs: $0.start_ns) }
  }

  mutating func dropUnseenKept(at time: UInt64) {
    for id in kept.keys.sorted() where containers[id] == nil {
      guard let gone = kept[id] else { continue }
      var record = ContainerRecord(
        verb: .drop, opid: gone.target, id: .unset, old: .of(id), name: gone.container.name)
      record.isLate = true
      say([], [record], info: nil, at: time, actor: nil, nil, nil)
    }
    kept = [:]
  }
}
