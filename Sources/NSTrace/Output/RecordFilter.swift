// SPDX-License-Identifier: Apache-2.0

/// Selects records. What is empty selects all.
package struct RecordFilter: Sendable {
  /// The tgid or tid of the actor, or of the task that a record is about.
  package var pids = ValueChoice<UInt32>()
  package var kinds = ValueChoice<NamespaceKind>()
  package var operations = ValueChoice<Operation>()
  /// What records are about.
  package var classes = ValueChoice<RecordClass>()
  /// The namespaces that records are about, or that their tasks were in before, by inode number.
  package var inodes = ValueChoice<UInt32>()
  /// The same by the number that is never reused.
  package var nsids = ValueChoice<UInt64>()
  /// Who causes them.
  package var actor = ActorFilter()
  /// A record is selected if one of its lists has one of these.
  package var containers = ContainerChoice()
  /// A record is left out if one of its lists has one of these.
  package var excludedContainers = ContainerChoice()
  /// A record is selected if its task has entered one of these from outside.
  package var entered = ContainerChoice()
  /// A record is left out if its task has entered one of these from outside.
  package var excludedEntered = ContainerChoice()
  /// An event is selected if it has a record of one of these types.
  package var types = RecordTypeChoice()
  /// Records of these types are left out.
  package var excludedTypes = RecordTypeChoice()
  /// An event is selected if it has one of these keys, which audit rules give.
  package var keys: [[UInt8]] = []
  /// An event is left out if it has one of these keys.
  package var excludedKeys: [[UInt8]] = []
  /// Whether refused operations are selected.
  package var includesRefused = true
  /// Whether granted operations are selected.
  package var includesGranted = true
  /// When records were made.
  package var window = TimeWindow()

  package init() {}

  /// Exactly these IDs.
  package var containerIDs: Set<ContainerID> {
    get { containers.ids }
    set { containers = ContainerChoice(newValue) }
  }

  /// Whether it selects everything, so that `reduce` need not be called.
  package var isEmpty: Bool {
    pids.isEmpty && kinds.isEmpty && operations.isEmpty && classes.isEmpty && inodes.isEmpty
      && nsids.isEmpty && actor.isEmpty && includesRefused && includesGranted && window.isEmpty
      && namesNothing
  }

  private var namesNothing: Bool {
    containers.isEmpty && excludedContainers.isEmpty && entered.isEmpty && excludedEntered.isEmpty
      && types.isEmpty && excludedTypes.isEmpty && keys.isEmpty && excludedKeys.isEmpty
  }

  /// Whether only records of namespaces can be selected: sessions and containers have none of these.
  var needsNamespace: Bool {
    operations.needsOne || kinds.needsOne || inodes.needsOne || nsids.needsOne
  }

  func wants(granted: Bool) -> Bool { granted ? includesGranted : includesRefused }

  /// Learns the name of a container.
  package mutating func note(name: [UInt8], of id: ContainerID) {
    containers.note(name, of: id)
    excludedContainers.note(name, of: id)
    entered.note(name, of: id)
    excludedEntered.note(name, of: id)
  }

  /// Learns that a container has ended.
  mutating func noteEnd(of id: ContainerID) {
    containers.noteEnd(of: id)
    excludedContainers.noteEnd(of: id)
    entered.noteEnd(of: id)
    excludedEntered.noteEnd(of: id)
  }
}

// MARK: - Events

extension RecordFilter {
  /// Which of an event's records are selected.
  package enum Verdict: Sendable {
    case none, some, all
  }

  /// Which of the records are selected. Nothing is copied for the answer.
  package func verdict(on event: borrowing AuditEvent) -> Verdict {
    if let lost = event.lost { return window.has(lost, toldNs: event.timeNs) ? .all : .none }
    guard window.has(event.timeNs), types.isEmpty || types.isIn(event), wantsKey,
      actor.selects(event)
    else { return .none }
    let scope = EventScope(of: event, in: self)
    if scope.isLeftOut { return .none }
    return verdict(on: event, scope)
  }

  private func verdict(on event: borrowing AuditEvent, _ scope: EventScope) -> Verdict {
    var (wanted, all) = (0, 0)
    func count(_ isWanted: Bool) {
      all += 1
      if isWanted { wanted += 1 }
    }
    for record in event.namespaces { count(wants(record, in: scope)) }
    for record in event.sessions { count(wants(record, in: scope)) }
    for record in event.containers { count(wants(record, in: scope)) }
    if let record = event.lifecycle { count(wants(record, in: scope)) }
    if wanted == 0 { return .none }
    return wanted == all && excludedTypes.isEmpty ? .all : .some
  }

  /// Removes the records from `event` that are not selected. A loss is kept, if it touches the time.
  /// - Returns: whether any record is left.
  package func reduce(_ event: inout AuditEvent) -> Bool {
    switch verdict(on: event) {
    case .none:
      event.removeRecords()
      return false
    case .all: return true
    case .some:
      removeOthers(from: &event)
      return true
    }
  }

  /// SYSCALL and CONTAINER_ID stay: they are about the other records.
  private func removeOthers(from event: inout AuditEvent) {
    let scope = EventScope(of: event, in: self)
    event.namespaces.removeAll { !wants($0, in: scope) }
    event.sessions.removeAll { !wants($0, in: scope) }
    event.containers.removeAll { !wants($0, in: scope) }
    if let record = event.lifecycle, !wants(record, in: scope) { event.lifecycle = nil }
    if event.containers.isEmpty || excludedTypes.contains(.nsInfo) { event.info = nil }
    if excludedTypes.contains(.proctitle) { event.proctitle.clear() }
  }

  /// The key of each event of nstrace.
  private static let ownKey = Array("nstrace".utf8)

  private var wantsKey: Bool {
    (keys.isEmpty || keys.contains(Self.ownKey)) && !excludedKeys.contains(Self.ownKey)
  }
}

extension AuditEvent {
  fileprivate mutating func removeRecords() {
    namespaces.clear()
    sessions.clear()
    containers.clear()
    info = nil
    lost = nil
    lifecycle = nil
  }
}
