// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Who tasks are (credentials, login, command, program, cgroups, confinement), shared by those that forked
/// from one another since the last exec: a fork adds to a counter, nothing more.
struct SubjectTable: ~Copyable {
  struct ID: Hashable, BitwiseCopyable {
    fileprivate var index: Int32
    /// Nothing is known of the task but its number.
    static let unknown = ID(index: -1)
  }

  // Not private: for another module to let go of a table of them the compiler (6.3) needs its name.
  struct Entry: BitwiseCopyable {
    var subject: nst_subject
    var cgroups: CgroupPlace
    /// In which cgroup it counts as confined how.
    var crowd = CgroupCrowds.nowhere
    var exe: TextPool.ID
    var exeMarks: ProgramMarks

    init(
      _ subject: nst_subject, _ cgroups: CgroupPlace, exe: TextPool.ID, _ exeMarks: ProgramMarks
    ) {
      self.subject = subject
      self.cgroups = cgroups
      self.exe = exe
      self.exeMarks = exeMarks.union(ProgramMarks(subjectFlags: subject.flags))
    }

    /// What is newly known of the same program's tasks.
    mutating func update(_ subject: nst_subject, _ cgroups: CgroupPlace) {
      self.subject = subject
      self.cgroups = cgroups
      // A file that is deleted once is deleted for good.
      exeMarks.formUnion(ProgramMarks(subjectFlags: subject.flags))
    }
  }

  private var entries = Slab<Entry>()
  /// How many tasks have each. Apart from the entries, so that all counters stay in the cache.
  private var userCounts = Rows<UInt32>()
  private var texts = TextPool()
  /// L1: of cgroups.
  var crowds = CgroupCrowds()

  /// How many subjects are kept.
  var count: Int { entries.count }

  /// How many there is room for: as many as there ever were at once. The same of their texts.
  var places: Int { entries.rows.count }
  var textPlaces: Int { texts.places }

  /// A new subject with one user; its program is `exe`.
  mutating func insert(
    _ subject: nst_subject, exe: RawSpan, _ marks: ProgramMarks = [],
    in cgroups: CgroupPlace = CgroupPlace(), _ confinement: Confinement = Confinement()
  ) -> ID {
    insert(Entry(subject, cgroups, exe: texts.retain(exe), marks), confinement)
  }

  /// What is newly known of the only task that has a subject: its program is the same.
  /// - Returns: false when other tasks have it, too, or nothing is known of the task.
  mutating func update(
    _ id: ID, _ subject: nst_subject, in cgroups: CgroupPlace,
    _ confinement: Confinement = Confinement()
  ) -> Bool {
    guard id != .unknown, userCounts[Int(id.index)] == 1 else { return false }
    if cgroups.flagged != entries[Int(id.index)].cgroups.flagged {
      let left = entries[Int(id.index)].crowd
      entries[Int(id.index)].crowd = crowds.add(cgroups, confinement)
      crowds.remove(left)
    }
    entries[Int(id.index)].update(subject, cgroups)
    return true
  }

  /// A new subject with one user; its program is the one of `id`.
  mutating func insert(
    _ subject: nst_subject, sameProgramAs id: ID, in cgroups: CgroupPlace = CgroupPlace(),
    _ confinement: Confinement = Confinement()
  ) -> ID {
    let exe = id == .unknown ? TextPool.ID.empty : entries[Int(id.index)].exe
    texts.retain(exe)
    return insert(Entry(subject, cgroups, exe: exe, exeMarks(of: id)), confinement)
  }

  private mutating func insert(_ entry: Entry, _ confinement: Confinement) -> ID {
    var entry = entry
    entry.crowd = crowds.add(entry.cgroups, confinement)
    let index = entries.insert(entry)
    userCounts.put(1, at: index)
    return ID(index: Int32(index))
  }

  mutating func retain(_ id: ID) {
    if id != .unknown { userCounts[Int(id.index)] += 1 }
  }

  @inline(__always)
  mutating func release(_ id: ID) {
    if id == .unknown { return }
    userCounts[Int(id.index)] -= 1
    if userCounts[Int(id.index)] == 0 { forget(id) }
  }

  @inline(never)
  private mutating func forget(_ id: ID) {
    crowds.remove(entries[Int(id.index)].crowd)
    discardUnused(id)
  }

  /// One user fewer; what is known of it can be asked for until it is discarded.
  mutating func discount(_ id: ID) {
    if id == .unknown { return }
    userCounts[Int(id.index)] -= 1
    if userCounts[Int(id.index)] == 0 { crowds.remove(entries[Int(id.index)].crowd) }
  }

  mutating func discardUnused(_ id: ID) {
    if id == .unknown || userCounts[Int(id.index)] > 0 { return }
    texts.release(entries[Int(id.index)].exe)
    entries.remove(at: Int(id.index))
  }

  /// Whether something may be true of a cgroup when one user of it is gone.
  @inline(__always)
  func isLastOfCrowd(_ id: ID) -> Bool {
    id != .unknown && userCounts[Int(id.index)] == 1 && crowds.isLast(entries[Int(id.index)].crowd)
  }

  /// As what it counts for its cgroup; nil: it counts for none.
  func confinement(of id: ID) -> Confinement? {
    id == .unknown ? nil : crowds.confinement(of: entries[Int(id.index)].crowd)
  }

  /// What is known, as of the task's last exec, fork or namespace call; nil: nothing.
  subscript(id: ID) -> nst_subject? { id == .unknown ? nil : entries[Int(id.index)].subject }

  /// NST_SUBJECT_*; nil: nothing is known.
  func flags(of id: ID) -> UInt16? {
    id == .unknown ? nil : entries[Int(id.index)].subject.flags
  }

  /// Where those tasks are among cgroups.
  func cgroups(of id: ID) -> CgroupPlace {
    id == .unknown ? CgroupPlace() : entries[Int(id.index)].cgroups
  }

  func users(of id: ID) -> Int { Int(userCounts[Int(id.index)]) }

  func exe(of id: ID) -> [UInt8] { id == .unknown ? [] : texts[entries[Int(id.index)].exe] }

  func exeMarks(of id: ID) -> ProgramMarks {
    id == .unknown ? [] : entries[Int(id.index)].exeMarks
  }
}
