// SPDX-License-Identifier: Apache-2.0

/// L1: how the tasks of each cgroup are confined, and what was last said of them. Subjects are counted in
/// place of tasks, so that a plain fork or exit touches nothing here. There is nothing of a cgroup without
/// tasks, nor of the roots of hierarchies.
struct CgroupCrowds: ~Copyable {
  /// That some subjects are in a cgroup and confined in one way; a place in the table.
  typealias ID = Int32
  /// Of a subject that counts nowhere: it is in the root, or nobody knows where.
  static let nowhere: ID = -1

  // Not private: for another module to let go of a table of them the compiler (6.3) needs its name.
  struct Standing: Hashable, BitwiseCopyable {
    var cgroup: CgroupID
    var confinement: Confinement
  }

  private struct Crowd {
    /// How many standings there are of each confinement: one at most.
    var confined = ConfinementCounts()
    var told = ContainerConfinement()
  }

  private var standings = Slab<Standing>()
  /// How many subjects have each.
  private var subjectCounts = Rows<UInt32>()
  private var ids: [Standing: ID] = [:]
  /// Where the last one was counted: the next is often there, too.
  private var latest = nowhere
  private var crowds: [CgroupID: Crowd] = [:]
  private var touched: [CgroupID] = []

  /// How many cgroups tasks are known to be in.
  var count: Int { crowds.count }

  /// One subject more that is there, and confined so.
  mutating func add(_ place: CgroupPlace, _ confinement: Confinement) -> ID {
    guard let cgroup = place.flagged else { return Self.nowhere }
    let standing = Standing(cgroup: cgroup, confinement: confinement)
    if latest == Self.nowhere || standings[Int(latest)] != standing { latest = intern(standing) }
    subjectCounts[Int(latest)] += 1
    return latest
  }

  mutating func remove(_ id: ID) {
    if id == Self.nowhere { return }
    subjectCounts[Int(id)] -= 1
    if subjectCounts[Int(id)] == 0 { forget(id) }
  }

  /// Whether something may be true of a cgroup when one subject of these is gone.
  func isLast(_ id: ID) -> Bool {
    id != Self.nowhere && subjectCounts[Int(id)] == 1
  }

  /// Nil: it counts nowhere.
  func confinement(of id: ID) -> Confinement? {
    id == Self.nowhere ? nil : standings[Int(id)].confinement
  }

  private mutating func intern(_ standing: Standing) -> ID {
    if let id = ids[standing] { return id }
    let id = ID(standings.insert(standing))
    subjectCounts.put(0, at: Int(id))
    ids[standing] = id
    crowds[standing.cgroup, default: Crowd()].confined.add(standing.confinement)
    touched.append(standing.cgroup)
    return id
  }

  private mutating func forget(_ id: ID) {
    let standing = standings[Int(id)]
    ids[standing] = nil
    standings.remove(at: Int(id))
    if latest == id { latest = Self.nowhere }
    crowds[standing.cgroup]?.confined.remove(standing.confinement)
    touched.append(standing.cgroup)
  }
}

// MARK: - What is true of all tasks of a cgroup

extension CgroupCrowds {
  /// Something else may be true of the tasks of some cgroups.
  var hasReconfined: Bool { !touched.isEmpty }

  /// Those cgroups; none from then on.
  mutating func takeReconfined() -> [CgroupID] {
    if touched.isEmpty { return [] }
    defer { touched.removeAll(keepingCapacity: true) }
    return touched.count == 1 ? touched : Set(touched).sorted()
  }

  /// What is true of its tasks, if that is not what was said last; it has been said then. What is not
  /// known of one of them is as it was. One that has lost its last task is forgotten.
  mutating func tell(_ key: CgroupID) -> ContainerConfinement.Change? {
    guard let crowd = crowds[key] else { return nil }
    if crowd.confined.isEmpty {
      crowds[key] = nil
      return nil
    }
    let new = crowd.told.following(crowd.confined)
    if new == crowd.told { return nil }
    crowds[key]?.told = new
    return ContainerConfinement.Change(new: new, old: crowd.told)
  }
}

extension CgroupPlace {
  /// The cgroup whose tasks are counted: that of v2, or of v1 where that one is the root or not known.
  /// Of the roots nobody asks: every task was there once.
  var flagged: CgroupID? {
    if v2 > CgroupID.root { return CgroupID(hierarchy: 0, id: v2) }
    if hierarchy == 0 || v1 <= CgroupID.root { return nil }
    return CgroupID(hierarchy: hierarchy, id: v1)
  }
}
