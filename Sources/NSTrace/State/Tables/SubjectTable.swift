// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The subjects of tasks: credentials, login, command, program, cgroups, confinement. Tasks that
/// forked from one another since the last exec share one, so a fork changes one counter.
struct SubjectTable: ~Copyable {
  struct ID: Hashable, BitwiseCopyable {
    fileprivate var index: Int32
    /// The subject of a task of which only the number is known.
    static let unknown = ID(index: -1)

    func moved(by moves: RowMoves) -> ID { index < 0 ? self : ID(index: moves[index]) }
  }

  // Not private: to destroy a table of them, another module's code needs the name (compiler 6.3).
  struct Entry: BitwiseCopyable {
    var subject: nst_subject
    var cgroups: CgroupPlace
    /// Its standing: the cgroup in which it counts, and its confinement.
    var crowd = CgroupCrowds.nowhere
    var exe: TextPool.ID
    var exeMarks: ProgramMarks
    /// The innermost container of the task that started the program; unset: none, or not known.
    var origin: ContainerID

    init(
      _ subject: nst_subject, _ cgroups: CgroupPlace, exe: TextPool.ID, _ exeMarks: ProgramMarks,
      origin: ContainerID
    ) {
      self.subject = subject
      self.cgroups = cgroups
      self.exe = exe
      self.origin = origin
      self.exeMarks = exeMarks.union(ProgramMarks(subjectFlags: subject.flags))
    }

    /// Takes newer facts about a task with the same program.
    mutating func update(_ subject: nst_subject, _ cgroups: CgroupPlace) {
      self.subject = subject
      self.cgroups = cgroups
      // A deleted file stays deleted.
      exeMarks.formUnion(ProgramMarks(subjectFlags: subject.flags))
    }
  }

  private var entries = Slab<Entry>()
  /// The number of tasks with each. Apart from the entries, so that all counters stay in the cache.
  private var userCounts = Rows<UInt32>()
  private var texts = TextPool()
  /// L1: the confinement of cgroups' tasks.
  var crowds = CgroupCrowds()

  /// The number of subjects.
  var count: Int { entries.count }

  /// The number of rows, of subjects and of texts: as many as there were at once.
  var places: Int { entries.rows.count }
  var textPlaces: Int { texts.places }

  /// A new subject with one user; its program is `exe`.
  mutating func insert(
    _ subject: nst_subject, exe: RawSpan, _ marks: ProgramMarks = [],
    in cgroups: CgroupPlace = CgroupPlace(), _ confinement: Confinement = Confinement(),
    startedIn origin: ContainerID = .unset
  ) -> ID {
    insert(Entry(subject, cgroups, exe: texts.retain(exe), marks, origin: origin), confinement)
  }

  /// Takes newer facts about the only task that has a subject, with the same program.
  /// - Returns: false if other tasks have it, too, or nothing is known of the task.
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

  /// A new subject with one user and the program of `id`.
  mutating func insert(
    _ subject: nst_subject, sameProgramAs id: ID, in cgroups: CgroupPlace = CgroupPlace(),
    _ confinement: Confinement = Confinement()
  ) -> ID {
    let exe = id == .unknown ? TextPool.ID.empty : entries[Int(id.index)].exe
    texts.retain(exe)
    let entry = Entry(subject, cgroups, exe: exe, exeMarks(of: id), origin: origin(of: id))
    return insert(entry, confinement)
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

  /// Counts one user fewer. The subject can be read until it is discarded.
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

  /// Whether one user fewer may change what is true of a cgroup.
  @inline(__always)
  func isLastOfCrowd(_ id: ID) -> Bool {
    id != .unknown && userCounts[Int(id.index)] == 1 && crowds.isLast(entries[Int(id.index)].crowd)
  }

  /// The confinement that it counts as in its cgroup; nil: it is not counted.
  func confinement(of id: ID) -> Confinement? {
    id == .unknown ? nil : crowds.confinement(of: entries[Int(id.index)].crowd)
  }

  /// The subject as of the task's last exec, fork or namespace call; nil: not known.
  subscript(id: ID) -> nst_subject? { id == .unknown ? nil : entries[Int(id.index)].subject }

  /// The NST_SUBJECT_* flags; nil: not known.
  func flags(of id: ID) -> UInt16? {
    id == .unknown ? nil : entries[Int(id.index)].subject.flags
  }

  /// The cgroups of its tasks.
  func cgroups(of id: ID) -> CgroupPlace {
    id == .unknown ? CgroupPlace() : entries[Int(id.index)].cgroups
  }

  /// All cgroups that its tasks are in. Takes time in proportion to the subjects.
  var cgroupsInUse: Set<CgroupID> {
    var used: Set<CgroupID> = []
    for row in entries.rows where userCounts[row] > 0 {
      let place = entries[row].cgroups
      used.insert(CgroupID(hierarchy: 0, id: place.v2))
      if place.hierarchy != 0 {
        used.insert(CgroupID(hierarchy: place.hierarchy, id: place.v1))
      }
    }
    return used
  }

  /// Moves the subjects to the first rows, and gives the memory back, if most rows are free.
  /// - Returns: where they have gone; nil: they have not moved.
  mutating func compact() -> RowMoves? {
    guard entries.isSparse else { return nil }
    let moves = entries.compact()
    userCounts.compact(moves)
    return moves
  }

  func users(of id: ID) -> Int { Int(userCounts[Int(id.index)]) }

  func exe(of id: ID) -> [UInt8] { id == .unknown ? [] : texts[entries[Int(id.index)].exe] }

  func exeMarks(of id: ID) -> ProgramMarks {
    id == .unknown ? [] : entries[Int(id.index)].exeMarks
  }

  /// The innermost container of the task that started the program; unset: none, or not known.
  func origin(of id: ID) -> ContainerID {
    id == .unknown ? .unset : entries[Int(id.index)].origin
  }
}
