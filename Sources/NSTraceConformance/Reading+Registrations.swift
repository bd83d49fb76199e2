// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - R1 to R6

extension Reading {
  mutating func register(_ request: nst_register, _ name: [UInt8]) {
    let members = self.members
    self.members = []
    let isGone = isTargetGone(members)
    let old = targetList(of: request, members)
    let objections = objections(to: request, members, of: old)
    var fact = Account.Registering(
      request: request, name: name, objections: objections,
      isUnused: population[request.id] == nil,
      hasOthers: members.contains { !$0.isTarget },
      isNearlyUsed: halves[.high(request.id.high)] != nil || halves[.low(request.id.low)] != nil,
      isTargetGone: isGone, target: old, caller: list(of: request.caller_tid),
      callerAfter: ContainerList(), records: [], targetAfter: ContainerList(), isHostPlace: false)
    if !isGone { note(request.target_tid) }
    account.actor = fact.caller
    account.actorSession = tasks[request.caller_tid]?.stay?.session ?? 0
    if fact.isGranted {
      fact.records = grant(request, name, members, to: old)
      close(request.target_tid)
    } else {
      let refusal = Self.refusal(of: request, for: objections)
      fact.records = [record(request, name, from: old, refusal: refusal)]
    }
    fact.callerAfter = list(of: request.caller_tid)
    if !isGone { addTarget(of: request, to: &fact) }
    account.registration = fact
  }

  /// Adds what is true of the target afterwards.
  private func addTarget(of request: nst_register, to fact: inout Account.Registering) {
    let target = tasks[request.target_tid]
    fact.targetAfter = list(of: request.target_tid)
    fact.place = target?.place?.map(\.id)
    fact.isHostPlace = fact.place == initial
    fact.seccomp = target?.stance?.seccomp
    fact.hasNoNewPrivs = target?.stance?.hasNoNewPrivs
  }

  /// Whether the walk found the target, and the stream does not know it. It has ended since, and
  /// another task may have its tid; or the record of its birth was lost.
  private func isTargetGone(_ members: [nst_member]) -> Bool {
    members.first(where: \.isTarget).map { !isKnown($0.task) } ?? false
  }

  /// What the target carries; if the stream does not know it, by the number that it carried.
  private func targetList(of request: nst_register, _ members: [nst_member]) -> ContainerList {
    guard let target = members.first(where: \.isTarget), !isKnown(target.task) else {
      return list(of: request.target_tid)
    }
    return lists[target.container] ?? ContainerList()
  }

  private func list(of tid: UInt32) -> ContainerList { tasks[tid]?.list ?? ContainerList() }

  private func objections(
    to request: nst_register, _ members: [nst_member], of target: ContainerList
  ) -> Set<Objection> {
    var found = position.objections(to: position(request, members, of: target))
    func object(_ objection: Objection, if holds: Bool) { if holds { found.insert(objection) } }
    let others = members.contains { !$0.isTarget }
    let reachesCaller = members.contains {
      $0.task.tid == request.caller_tid || $0.task.tgid == request.caller_tid
    }
    let isForItself = position == .randomOnly && request.isForItself
    let capability = isForItself ? NST_REGISTER_WRITER : NST_REGISTER_CAPABLE
    object(.malformed, if: request.has(NST_REGISTER_MALFORMED) || request.id.isUnset)
    object(.incapable, if: !request.has(capability))
    object(
      .itself,
      if: !isForItself && (request.caller_tid == request.target_tid || reachesCaller))
    object(.absent, if: !members.contains { $0.isTarget })
    object(.family, if: others && !request.has(NST_REGISTER_DESCENDANTS))
    object(
      .locked,
      if: request.has(NST_REGISTER_LOCKED) && members.contains { $0.isTarget && $0.container != 0 })
    // The kernel side did nothing for a refused request.
    object(.failed, if: found.isEmpty && request.result != 0)
    return found
  }

  /// The request as the position judges it.
  private func position(
    _ request: nst_register, _ members: [nst_member], of target: ContainerList
  ) -> Position.Request {
    let owner = owner(of: request.id)
    return Position.Request(
      id: request.id, isRandom: request.has(NST_REGISTER_RANDOM),
      target: target.elements.map(\.id),
      caller: list(of: request.caller_tid).elements.map(\.id),
      isUsed: population[request.id] != nil, isStain: stainCounts[request.id] != nil,
      usesStained: reachesStained(request, members),
      isOfVisitor: request.isForItself && tasks[request.target_tid]?.stay != nil,
      isOwned: principals(of: request.caller_tid).contains {
        $0.tid == owner?.tid && $0.start_ns == owner?.start_ns
      },
      isOwnerGone: owner == nil)
  }

  /// The process that first asked for the ID, or its nearest capable ancestor that lives.
  private func owner(of id: ContainerID) -> nst_task_id? { owners[id]?.first(where: isKnown) }

  /// A process, and the capable ones among its next 64 ancestors.
  private func principals(of tid: UInt32) -> [nst_task_id] {
    guard var task = tasks[tid] else { return [] }
    var principals = [task.id]
    for _ in 0..<64 {
      guard let parent = tasks[task.origin], parent.id.start_ns < task.id.start_ns else { break }
      if parent.isCapable { principals.append(parent.id) }
      task = parent
    }
    return principals
  }

  private mutating func grant(
    _ request: nst_register, _ name: [UInt8], _ members: [nst_member], to target: ContainerList
  ) -> [ContainerRecord] {
    let id = request.id
    if population[id] == nil || names[id]?.isEmpty != false { names[id] = name }
    if owner(of: id) == nil {
      owners[id] = Array(principals(of: request.caller_tid).prefix(Int(NST_OWNERS)))
    }
    noteEntryTag(id, flags: request.flags, number: request.container)
    var records: [ContainerRecord] = []
    for tid in reached(by: request, members) {
      let old = list(of: tid)
      if !old.contains(id), old.elements.count < ContainerList.limit {
        records.append(record(request, name, of: tid))
        relabel(tid, position.list(old, with: id))
        endContainers(among: old, tid)
      }
      tasks[tid]?.number = request.container
    }
    early[request.container] = nil
    lists[request.container] =
      request.container == 0
      ? nil : target.contains(id) ? target : position.list(target, with: id)
    guard isTargetGone(members) else { return records }
    endContainers(among: ContainerList([.init(id)]), request.target_tid)
    return records.isEmpty ? [record(request, name, from: target)] : records
  }

  /// The tids of the tasks that the registration reaches, ascending: of the members those that the
  /// stream knows, and the tasks that were born with its number.
  private func reached(by request: nst_register, _ members: [nst_member]) -> [UInt32] {
    // A descendant in a container of its own stays there.
    let previous = members.first { $0.isTarget }?.container
    let found = members.filter {
      isKnown($0.task)
        && ($0.isTarget || (request.has(NST_REGISTER_DESCENDANTS) && $0.container == previous))
    }
    let bearers = (early[request.container] ?? []).filter {
      tasks[$0]?.number == request.container
    }
    return bearers.union(found.map(\.task.tid)).sorted()
  }

  private static func refusal(
    of request: nst_register, for objections: Set<Objection>
  ) -> RegistrationError? {
    if objections == [.failed] {
      return RegistrationError.allCases.first { $0.rawValue == 0 &- request.result } ?? .failed
    }
    let errnos = Set(objections.map(\.errno))
    return Objection.order.first(where: errnos.contains)
  }

  private mutating func record(
    _ request: nst_register, _ name: [UInt8], of tid: UInt32
  ) -> ContainerRecord {
    note(tid)
    var record = record(request, name, from: list(of: tid))
    record.opid = tid
    return record
  }

  /// The record about the target.
  private func record(
    _ request: nst_register, _ name: [UInt8], from old: ContainerList,
    refusal: RegistrationError? = nil
  ) -> ContainerRecord {
    ContainerRecord(
      verb: .set, opid: request.target_tid, id: request.id, old: old, name: name, refusal: refusal)
  }
}
