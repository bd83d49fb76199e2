// SPDX-License-Identifier: Apache-2.0

/// L1: how the tasks of each cgroup are confined, and what was last recorded of them.
///
/// Subjects are counted instead of tasks, so a plain fork or exit changes nothing here. Cgroups
/// without tasks and the roots of hierarchies have no entry.
struct CgroupCrowds: ~Copyable {
  /// The index of a standing: a cgroup, and one way of being confined in it.
  typealias ID = Int32
  /// The ID of a subject that is not counted: its cgroup is a root, or not known.
  static let nowhere: ID = -1

  // Not private: to destroy a table of them, another module's code needs the name (compiler 6.3).
  struct Standing: Hashable, BitwiseCopyable {
    var cgroup: CgroupID
    var confinement: Confinement
  }

  private struct Crowd {
    /// The number of standings of each confinement: one at most.
    var confined = ConfinementCounts()
    var told = ContainerConfinement()
  }

  private var standings = Slab<Standing>()
  /// The number of subjects with each standing, by ID.
  private var subjectCounts = Rows<UInt32>()
  private var ids: [Standing: ID] = [:]
  /// The last counted standing: the next subject often has it, too.
  private var latest = nowhere
  private var crowds: [CgroupID: Crowd] = [:]
  private var touched: [CgroupID] = []

  /// The number of cgroups that tasks are known to be in.
  var count: Int { crowds.count }

  /// Counts one more subject with this cgroup and confinement.
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

  /// Whether the standing has one subject, so that its end may change what is true of the cgroup.
  func isLast(_ id: ID) -> Bool {
    id != Self.nowhere && subjectCounts[Int(id)] == 1
  }

  /// The standing's confinement; nil: the subject is not counted.
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

// MARK: - Confinement of a cgroup

extension CgroupCrowds {
  /// Whether the confinement of some cgroups may have changed.
  var hasReconfined: Bool { !touched.isEmpty }

  /// Those cgroups, each once or more. Empties the list.
  mutating func takeReconfined() -> [CgroupID] {
    if touched.isEmpty { return [] }
    defer { touched.removeAll(keepingCapacity: true) }
    return touched.count == 1 ? touched : Set(touched).sorted()
  }

  /// The change since the last record about the cgroup, which counts as recorded then; nil: there
  /// is none. An unknown value of one task leaves the old one. A cgroup without tasks is forgotten.
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
  /// The cgroup in which the task counts: that of v2, or that of v1 if v2's is the root or unknown.
  /// Roots are left out, because every task was there once.
  var flagged: CgroupID? {
    if v2 > CgroupID.root { return CgroupID(hierarchy: 0, id: v2) }
    if hierarchy == 0 || v1 <= CgroupID.root { return nil }
    return CgroupID(hierarchy: hierarchy, id: v1)
  }
}
