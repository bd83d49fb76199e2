// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// The sets of ten namespaces that tasks are in, each kept once, as the kernel keeps an nsproxy.
///
/// A namespace is counted by the sets that hold it, not by tasks: a plain fork or exit changes one
/// counter here and touches no namespace.
struct SetTable {
  struct ID: Hashable {
    fileprivate var index: Int32
    /// The task was seen, but not yet where it is.
    static let unknown = ID(index: -1)
  }

  /// Ten namespaces by slot, then the label of the tasks' containers; the lanes behind are 0.
  typealias Slots = SIMD16<UInt32>
  static let labelLane = 10

  private struct Entry {
    var slots: Slots
    var tasks: Int
  }

  private var entries: [Entry] = []
  private var bySlots: [Slots: Int32] = [:]
  private var free: [Int32] = []

  /// How many sets have tasks.
  var count: Int { entries.count - free.count }

  subscript(id: ID) -> Slots { entries[Int(id.index)].slots }

  /// A number for each set, so that what is found out about one is kept in an array.
  func place(of id: ID) -> Int { Int(id.index) }
  var places: Int { entries.count }

  func tasks(in id: ID) -> Int { entries[Int(id.index)].tasks }

  /// One more task in a set that has some.
  mutating func addTask(_ id: ID) {
    if id != .unknown { entries[Int(id.index)].tasks += 1 }
  }

  /// One more task in the set of these namespaces. `isNew` when it is the set's first: its
  /// namespaces then have a user more.
  mutating func addTask(in slots: Slots) -> (id: ID, isNew: Bool) {
    if let index = bySlots[slots] {
      entries[Int(index)].tasks += 1
      return (ID(index: index), false)
    }
    let index: Int32
    if let reused = free.popLast() {
      index = reused
      entries[Int(index)] = Entry(slots: slots, tasks: 1)
    } else {
      index = Int32(entries.count)
      entries.append(Entry(slots: slots, tasks: 1))
    }
    bySlots[slots] = index
    return (ID(index: index), true)
  }

  /// One task fewer. True when it was the last: the set is gone, its namespaces have a user less.
  mutating func removeTask(_ id: ID) -> Bool {
    if id == .unknown { return false }
    entries[Int(id.index)].tasks -= 1
    if entries[Int(id.index)].tasks > 0 { return false }
    bySlots[entries[Int(id.index)].slots] = nil
    free.append(id.index)
    return true
  }
}
