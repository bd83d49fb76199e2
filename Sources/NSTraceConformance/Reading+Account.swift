// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension Reading {
  /// Notes the list that a task carries now, for the judges.
  mutating func note(_ tid: UInt32) {
    guard let task = tasks[tid] else { return }
    if account.carried[tid]?.contains(task.list) != true {
      account.carried[tid, default: []].append(task.list)
    }
    if let set = task.place.map(Self.memberships), account.homes[tid]?.last != set {
      account.homes[tid, default: []].append(set)
    }
    if task.isHeir && !task.list.isUnset { account.heirs.insert(tid) }
  }

  mutating func act(_ tid: UInt32) {
    note(tid)
    account.actor = tasks[tid]?.list ?? ContainerList()
    account.actorSession = tasks[tid]?.stay?.session ?? 0
  }

  mutating func tell(_ subject: nst_subject, at time: UInt64) {
    guard isKnown(subject.task) else { return }
    var home = tasks[subject.task.tid]?.home ?? CgroupHome()
    home.hear(v2: subject.cgroup_id, at: time)
    tasks[subject.task.tid]?.home = home
    tasks[subject.task.tid]?.origin = subject.ppid
    tasks[subject.task.tid]?.isCapable =
      subject.flags & UInt16(NST_SUBJECT_AUDIT_CONTROL) != 0
    tell(subject.task, Stance(subject))
  }

  mutating func tell(_ id: nst_task_id, _ stance: Stance) {
    guard isKnown(id), let old = tasks[id.tid] else { return }
    tasks[id.tid]?.stance = old.stance?.and(stance) ?? stance
    count(id.tid)
  }

  /// Moves a task to another cgroup, or keeps the record for its birth there.
  mutating func attach(_ event: nst_attach) {
    tell(event.subject.task, Stance(event.subject))
    noteStances()
    if isKnown(event.task) { attach(event.task.tid, event) } else { entrances.keep(event) }
    guard event.isOfProcess else { return }
    for tid in (threads[event.task.tgid] ?? []).sorted() { attach(tid, event) }
  }

  private mutating func attach(_ tid: UInt32, _ event: nst_attach) {
    tasks[tid]?.home?.hear(event)
    count(tid)
    noteStances()
  }

  /// L1: counts a task for its containers once its namespaces are known, and for its cgroup.
  mutating func count(_ tid: UInt32) {
    let task = tasks[tid]
    let list = task?.place == nil ? ContainerList() : task?.list ?? ContainerList()
    stances.count(tid, task?.stance, in: list.elements.map(\.id))
    let cgroup = task?.home?.counted
    cgroupStances.count(tid, task?.stance, in: cgroup.map { [$0] } ?? [])
  }

  mutating func say(_ records: [NamespaceRecord], carrying list: ContainerList?) {
    guard isFollowing else { return }
    account.namespaces += records.map { record in
      var record = record
      record.containers = list ?? ContainerList()
      return record
    }
  }

  /// R12: notes which IDs have joined and left the lists of namespaces since the last event. Where
  /// the namespace itself begins or ends, NS_CREATE and NS_DESTROY record it.
  mutating func close(_ tid: UInt32) {
    if self.joined.isEmpty && self.left.isEmpty { return start = account.namespaces.count }
    let own = account.namespaces[start...]
    let made = Set(own.lazy.filter { $0.verb == .create }.map(\.namespace))
    let gone = Set(own.lazy.filter { $0.verb == .destroy }.map(\.namespace))
    for namespace in Set(self.joined.keys).union(self.left.keys)
    where isFollowing && !initial.contains(namespace.id) && !ended.contains(namespace) {
      let id = namespace.id
      let (joined, left) = (self.joined[namespace] ?? [], self.left[namespace] ?? [])
      if !joined.isEmpty && !left.isEmpty { account.movedNamespaces.append(id) }
      func tell(_ ids: Set<ContainerID>, _ op: Operation) {
        account.namespaces += ids.map { container in
          NamespaceRecord(
            verb: .change, op: op, kind: id.kind, namespace: id, old: id, opid: tid,
            containers: ContainerList([.init(container)]),
            namespaceContainers: containers(using: namespace, but: container))
        }
      }
      if !made.contains(id) { tell(joined, .assign) }
      if !gone.contains(id) { tell(left, .release) }
    }
    (self.joined, self.left) = ([:], [:])
    start = account.namespaces.count
  }

  /// Gives a task another list.
  mutating func relabel(_ tid: UInt32, _ list: ContainerList) {
    guard var task = tasks[tid] else { return }
    let old = task.list
    end(insideOfRegistered: task)
    (task.stay, task.inside) = (nil, [])
    task.list = list
    task.isHeir = false
    add(task)
    for element in old.elements { count(out: element.id) }
    _ = release(task.place, old)
  }
}
