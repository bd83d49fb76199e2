// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The sets of ten namespaces that tasks are in, each kept once, as the kernel keeps an nsproxy.
///
/// A namespace is counted by the sets that hold it, not by tasks. A plain fork or exit therefore
/// changes one counter here, and no namespace.
struct SetTable: ~Copyable {
  struct ID: Hashable, BitwiseCopyable {
    fileprivate var index: Int32
    /// The set of a task whose namespaces are not known yet.
    static let unknown = ID(index: -1)

    func moved(by moves: RowMoves) -> ID { index < 0 ? self : ID(index: moves[index]) }
  }

  /// Ten indexes of namespaces by slot, then the label of the tasks' containers, their container
  /// session, with a label how they are confined (`Confinement.code`), and with a session the slots
  /// by which they are inside (and whether they are strangers). The lanes behind are 0.
  typealias Slots = SIMD16<UInt32>
  static let labelLane = 10
  static let sessionLane = 11
  static let confinementLane = 12
  static let insideLane = 13

  private var sets = Slab<Slots>()
  /// The sets as the kernel reported them, to compare a record's set directly.
  private var told = Rows<nst_set>()
  /// The number of tasks in each. Apart from the sets, so that all counters stay in the cache.
  private var taskCounts = Rows<UInt32>()
  private var hashes = Rows<UInt32>()
  private var bySlots = PlaceTable()
  /// Sets that were found by what the kernel reported, by a hash of that. A set may have ended.
  private var recent = [ID](repeating: .unknown, count: 1 << recentBits)
  private static var recentBits: Int { 10 }

  /// The number of sets that have tasks.
  var count: Int { sets.count }

  subscript(id: ID) -> Slots { sets[Int(id.index)] }

  /// The slots in which `set` differs from the stored set.
  func slots(of id: ID, differingFrom set: nst_set) -> SlotSet {
    id == .unknown ? .all : told[Int(id.index)].slots(differingFrom: set)
  }

  /// The set's index, for arrays with an entry for each set.
  func place(of id: ID) -> Int { Int(id.index) }
  var places: Int { sets.rows.count }

  func tasks(in id: ID) -> Int { Int(taskCounts[Int(id.index)]) }

  /// Whether the set is still in use once one task has left it.
  func isShared(_ id: ID) -> Bool { id == .unknown || taskCounts[Int(id.index)] > 1 }

  /// Counts one more task in a set that has some.
  mutating func addTask(_ id: ID) {
    if id != .unknown { taskCounts[Int(id.index)] += 1 }
  }

  /// Counts one more task in the set of these namespaces. `isNew`: it is the set's first, so its
  /// namespaces have one more user.
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

  /// The namespaces of a noted set that has tasks and that the kernel reported as `set`, without
  /// label, session, confinement and the slots inside; nil: none is noted.
  func recent(told set: nst_set) -> Slots? {
    let id = recent[Self.place(of: set)]
    guard id != .unknown, taskCounts[Int(id.index)] > 0,
      slots(of: id, differingFrom: set).isEmpty
    else { return nil }
    var slots = self[id]
    for lane in Self.labelLane...Self.insideLane { slots[lane] = 0 }
    return slots
  }

  /// Notes a set for `recent(told:)`.
  mutating func note(_ id: ID, told set: nst_set) { recent[Self.place(of: set)] = id }

  private static func place(of set: nst_set) -> Int {
    unsafe withUnsafeBytes(of: set) { bytes in
      var hash: UInt64 = 0
      for offset in stride(from: 0, to: bytes.count, by: 8) {
        let word = unsafe bytes.load(fromByteOffset: offset, as: UInt64.self)
        // Odd, from the golden ratio: the high bits of the product depend on all bits.
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      }
      return Int(hash >> (UInt64.bitWidth - recentBits))
    }
  }

  /// Counts one task fewer, unless it is the last: then nothing changes.
  /// - Returns: whether the set is still in use.
  @inline(__always)
  mutating func removeTaskAmongOthers(_ id: ID) -> Bool {
    if id == .unknown { return true }
    guard taskCounts[Int(id.index)] > 1 else { return false }
    taskCounts[Int(id.index)] -= 1
    return true
  }

  /// Counts one task fewer.
  /// - Returns: whether it was the last: the set is gone, and its namespaces have one user fewer.
  mutating func removeTask(_ id: ID) -> Bool {
    if id == .unknown { return false }
    taskCounts[Int(id.index)] -= 1
    if taskCounts[Int(id.index)] > 0 { return false }
    bySlots.remove(hashes[Int(id.index)], UInt32(id.index))
    sets.remove(at: Int(id.index))
    return true
  }

  /// Turns the set of a single task into another set, which no task is in.
  /// - Returns: false if the set has more tasks, or the other one has any.
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

  /// Moves the sets to the first rows, and gives the memory back, if most rows are free.
  /// - Returns: where they have gone; nil: they have not moved.
  mutating func compact() -> RowMoves? {
    guard sets.isSparse else { return nil }
    let moves = sets.compact()
    told.compact(moves)
    taskCounts.compact(moves)
    hashes.compact(moves)
    bySlots = PlaceTable()
    for row in hashes.indices { bySlots.insert(hashes[row], UInt32(row)) }
    recent = recent.map { _ in .unknown }
    return moves
  }

  /// The set as the kernel reported it.
  func told(_ id: ID) -> nst_set { told[Int(id.index)] }

  /// Packs two lanes into a word; fourteen are in use.
  private func hash(_ slots: Slots) -> UInt32 {
    bySlots.hash(unsafe unsafeBitCast(slots, to: SIMD8<UInt64>.self), count: 7)
  }
}

extension SetTable.Slots {
  /// The indexes of the eight memberships, by kind.
  var members: ContainerTable.Members {
    ContainerTable.Members(NamespaceSlot.memberships.map { self[$0.rawValue] })
  }

  /// T4: the slots whose namespaces are those of the session's containers, or were made from them.
  var inside: SlotSet {
    get { SlotSet(lane: self[SetTable.insideLane] & ~Self.strangerBit) }
    set { self[SetTable.insideLane] = newValue.lane | self[SetTable.insideLane] & Self.strangerBit }
  }

  /// Whether the tasks came into the cgroup of a container from outside: it had other tasks, or they were
  /// inside by a session. A runtime executes something there. So it stays, also once they have left.
  var isStranger: Bool {
    get { self[SetTable.insideLane] & Self.strangerBit != 0 }
    set {
      let inside = self[SetTable.insideLane] & ~Self.strangerBit
      self[SetTable.insideLane] = newValue ? inside | Self.strangerBit : inside
    }
  }

  private static var strangerBit: UInt32 { 1 << 31 }
}
