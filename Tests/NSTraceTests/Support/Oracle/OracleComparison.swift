// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Gives one stream to the tracker and to the oracle, and compares their results.
struct OracleComparison: ~Copyable {
  private let seed: UInt64
  private let isWriteOnce: Bool
  private var tracker: Tracker<CollectingSink>
  private var oracle: NaiveTracker
  private var laws: RecordLaws?
  private(set) var events = 0
  private(set) var total = OracleTotal()
  private(set) var agrees = true

  init(seed: UInt64, isWriteOnce: Bool = false) {
    self.seed = seed
    self.isWriteOnce = isWriteOnce
    oracle = NaiveTracker(isWriteOnce: isWriteOnce)
    tracker = Tracker(
      sink: CollectingSink(), policy: isWriteOnce ? WriteOncePolicy() : RFCPolicy())
  }

  mutating func deliver(_ event: RawRecord) {
    events += 1
    event.deliver(to: &tracker)
    event.deliver(to: &oracle)
    let said = tracker.sink.events.map(\.inCanonicalOrder)
    let expected = oracle.events.map(\.inCanonicalOrder)
    expect(said == expected, "\(event): said \(said), not \(expected)")
    total.add(expected)
    checkLaws(said)
    // Now and then all of the state is compared. Otherwise counts are, and the namespaces in
    // events.
    if events % 250 == 0 { compareAll() }
    compareNamespaces(of: said)
    expect(tracker.state.taskCount == oracle.tasks.count, "\(event): the number of tasks")
    expect(tracker.state.namespaceCount == oracle.users.count, "\(event): namespaces in use")
    tracker.sink.events.removeAll(keepingCapacity: true)
    oracle.events.removeAll(keepingCapacity: true)
  }

  /// Compares with the kernel at a moment when nothing is under way.
  mutating func expectTruth(of kernel: SimulatedKernel) {
    let known = places
    expect(known.count == tracker.state.taskCount, "some tasks are nowhere")
    expect(known == kernel.tasks.mapValues(\.reported), "the tasks are not where they are")
    // The simulated kernel gives its numbers by the RFC's rules.
    for tid in kernel.tasks.keys where !isWriteOnce {
      let told = tracker.state.containers(of: tid)
      let carried = ContainerList.of(kernel.contid(of: tid))
      expect(told == carried, "law 6: \(tid) carries \(told), not \(carried)")
    }
    let reported = Set(kernel.tasks.values.flatMap(\.reported.ids))
    let sure = reported.subtracting(Self.left(in: kernel))
    let inUse = inUse
    expect(inUse.isSuperset(of: sure), "law 2: not in use are \(sure.subtracting(inUse))")
    expect(inUse.isSubset(of: reported), "law 2: in use are \(inUse.subtracting(reported))")
    if let laws { expect(laws.inUse == inUse, "law 2: by the records \(laws.inUse)") }
  }

  /// Namespaces that tasks have left unseen by any hook, and that no other task uses. They end once
  /// the number is another namespace's.
  private static func left(in kernel: SimulatedKernel) -> Set<NamespaceID> {
    var (left, used): (Set<NamespaceID>, Set<NamespaceID>) = ([], [])
    for task in kernel.tasks.values {
      for slot in NamespaceSlot.allCases {
        let isThere = task.place[slot] == task.reported[slot]
        if isThere { used.insert(task.reported[slot]) } else { left.insert(task.reported[slot]) }
      }
    }
    return left.subtracting(used).filter { $0.nsid == 0 }
  }

  private mutating func checkLaws(_ said: [ObservedEvent]) {
    if laws == nil, tracker.phase == .following { laws = RecordLaws(inUse: inUse) }
    for event in said { laws?.check(event) }
    let broken = laws?.broken ?? []
    expect(broken.isEmpty, "\(broken)")
  }

  private mutating func compareNamespaces(of said: [ObservedEvent]) {
    for case let id? in said.lazy.flatMap({ $0.records }).map(\.namespace) {
      let isUsed =
        tracker.state.namespaces.find(id).map { tracker.state.namespaces.isUsed($0) } ?? false
      let expected = oracle.users[id] != nil
      expect(isUsed == expected, "whether \(id) is in use")
      if let laws { expect(laws.inUse.contains(id) == expected, "law 2: \(id) by the records") }
    }
  }

  private mutating func compareAll() {
    let (inUse, expected) = (inUse, Set(oracle.users.keys))
    expect(inUse == expected, "in use are \(inUse), not \(expected)")
    if let laws { expect(laws.inUse == inUse, "law 2: by the records \(laws.inUse)") }
    expect(places == oracle.tasks.compactMapValues(\.place), "the tasks' places")
    compareContainers()
    let broken = tracker.state.checkInvariants()
    expect(broken.isEmpty, "\(broken)")
  }

  private mutating func compareContainers() {
    let known = tracker.state.containers.sorted
    expect(known == oracle.containers.keys.sorted(), "containers \(known)")
    for id in known {
      expect(tracker.state.containers[id]?.name == oracle.containers[id]?.name, "the name of \(id)")
    }
    for task in tracker.state.tasks.sorted {
      let told = tracker.state.containers(of: task.tid)
      expect(told == .of(oracle.contid(of: task.tid)), "\(task.tid) carries \(told)")
      let session = task.set == .unknown ? 0 : tracker.state.sets[task.set][SetTable.sessionLane]
      expect(
        session == oracle.tasks[task.tid]?.session?.number ?? 0, "the session of \(task.tid)")
    }
    let lists = Dictionary(
      uniqueKeysWithValues: tracker.state.usage.all
        .filter { !tracker.state.namespaces[$0.namespace].hasEnded }
        .map { (tracker.state.namespaces[$0].id, $1) })
    expect(lists == oracle.lists.mapValues { $0.map(\.id) }, "the namespaces' lists")
  }

  private var inUse: Set<NamespaceID> { Set(tracker.state.namespaces.sorted.map(\.id)) }

  /// The namespaces of the tasks with known ones.
  private var places: [UInt32: NamespacePlace] {
    var places: [UInt32: NamespacePlace] = [:]
    for task in tracker.state.tasks.sorted where task.set != .unknown {
      var place = NamespacePlace.initial
      for slot in NamespaceSlot.allCases {
        if let id = tracker.state.namespace(of: task, in: slot) { place[slot] = id }
      }
      places[task.tid] = place
    }
    return places
  }

  private mutating func expect(_ holds: Bool, _ comment: @autoclosure () -> String) {
    if holds { return }
    if agrees { Issue.record("seed \(seed), event \(events): \(comment())") }
    agrees = false
  }
}

extension ObservedEvent {
  /// Sorts assignments of one kind by their texts, because their order is not defined.
  fileprivate var inCanonicalOrder: Self {
    var event = self
    event.records.sort {
      ($0.rank, $0.canonicalText) < ($1.rank, $1.canonicalText)
    }
    // Their position among records that begin and end containers is not defined either.
    let updates = event.containers.filter { $0.verb == .update }.sorted { $0.id < $1.id }
    event.containers = event.containers.filter { $0.verb != .update } + updates
    return event
  }
}

extension NamespaceRecord {
  fileprivate var canonicalText: String { op == .assign || op == .release ? line : "" }
}
