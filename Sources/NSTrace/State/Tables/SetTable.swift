// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The sets of ten namespaces that tasks are in, each kept once, as the kernel keeps an nsproxy.
///
/// A namespace is counted by the sets that hold it, not by tasks: a plain fork or exit changes one
/// counter here and touches no namespace.
struct SetTable: ~Copyable {
  struct ID: Hashable, BitwiseCopyable {
    fileprivate var index: Int32
    /// The task was seen, but not yet where it is.
    static let unknown = ID(index: -1)
  }

  /// Ten namespaces by slot, then the label of the tasks' containers, their container session, and,
  /// where they have a label, how they are confined (`Confinement.code`); the lanes behind are 0.
  typealias Slots = SIMD16<UInt32>
  static let labelLane = 10
  static let sessionLane = 11
  static let confinementLane = 12

  private var sets = Slab<Slots>()
  /// The same as the kernel tells them: what has changed is found by a look at what came.
  private var told = Rows<nst_set>()
  /// How many tasks are in each. Apart from the sets, so that all counters stay in the cache.
  private var taskCounts = Rows<UInt32>()
  private var hashes = Rows<UInt32>()
  private var bySlots = PlaceTable()

  /// How many sets have tasks.
  var count: Int { sets.count }

  subscript(id: ID) -> Slots { sets[Int(id.index)] }

  /// Where a task of that set is not where it is told to be.
  func slots(of id: ID, differingFrom set: nst_set) -> SlotSet {
    id == .unknown ? .all : told[Int(id.index)].slots(differingFrom: set)
  }

  /// A number for each set, so that what is found out about one is kept in an array.
  func place(of id: ID) -> Int { Int(id.index) }
  var places: Int { sets.rows.count }

  func tasks(in id: ID) -> Int { Int(taskCounts[Int(id.index)]) }

  /// Whether the set stays as it is when one task leaves it.
  func isShared(_ id: ID) -> Bool { id == .unknown || taskCounts[Int(id.index)] > 1 }

  /// One more task in a set that has some.
  mutating func addTask(_ id: ID) {
    if id != .unknown { taskCounts[Int(id.index)] += 1 }
  }

  /// One more task in the set of these namespaces. `isNew` when it is the set's first: its
  /// namespaces then have a user more.
  mutating func addTask(in slots: Slots, told set: nst_set) -> (id: ID, isNew: Bool) {
    let hash = hash(slots)
    if let place = bySlots.find(hash, where: { sets[Int($0)] == slots }) {
      taskCounts[Int(place)] += 1
      return (ID(index: Int32(place)), false)
    }
    let index = sets.insert(slots)
    told.put(set, at: index)
    hashes.put(hash, at: index)
    taskCounts.put(1, at: index)
    bySlots.insert(hash, UInt32(index))
    return (ID(index: Int32(index)), true)
  }

  /// One task fewer, unless it is the last: then nothing happens.
  /// - Returns: whether the set stays, with its namespaces.
  @inline(__always)
  mutating func removeTaskAmongOthers(_ id: ID) -> Bool {
    if id == .unknown { return true }
    guard taskCounts[Int(id.index)] > 1 else { return false }
    taskCounts[Int(id.index)] -= 1
    return true
  }

  /// One task fewer. True when it was the last: the set is gone, its namespaces have a user less.
  mutating func removeTask(_ id: ID) -> Bool {
    if id == .unknown { return false }
    taskCounts[Int(id.index)] -= 1
    if taskCounts[Int(id.index)] > 0 { return false }
    bySlots.remove(hashes[Int(id.index)], UInt32(id.index))
    sets.remove(at: Int(id.index))
    return true
  }

  /// Puts the only task of a set into one that no task is in.
  /// - Returns: false when it is not the only one, or that set has tasks.
  mutating func replace(_ id: ID, by slots: Slots, told set: nst_set) -> Bool {
    guard id != .unknown, taskCounts[Int(id.index)] == 1 else { return false }
    let new = hash(slots)
    guard bySlots.find(new, where: { sets[Int($0)] == slots }) == nil else { return false }
    bySlots.remove(hashes[Int(id.index)], UInt32(id.index))
    bySlots.insert(new, UInt32(id.index))
    hashes[Int(id.index)] = new
    sets[Int(id.index)] = slots
    told[Int(id.index)] = set
    return true
  }

  /// As it was told where the set came from.
  func told(_ id: ID) -> nst_set { told[Int(id.index)] }

  /// Two lanes a word; thirteen are in use.
  private func hash(_ slots: Slots) -> UInt32 {
    bySlots.hash(unsafe unsafeBitCast(slots, to: SIMD8<UInt64>.self), count: 7)
  }
}

extension SetTable.Slots {
  /// The eight namespaces that tasks are in, by kind.
  var members: ContainerTable.Members {
    ContainerTable.Members(NamespaceSlot.memberships.map { self[$0.rawValue] })
  }
}
