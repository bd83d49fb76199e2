// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The no_new_privs bit and the seccomp mode of a task, which never loses either.
struct Stance: Hashable {
  var hasNoNewPrivs: Bool
  /// 0 none, 1 strict, 2 filter. The kernel's 3 is a filter that is killing the task.
  var seccomp: UInt16

  init(_ hasNoNewPrivs: Bool, _ seccomp: UInt16) {
    self.hasNoNewPrivs = hasNoNewPrivs
    self.seccomp = min(seccomp, 2)
  }

  init(_ subject: nst_subject) {
    self.init(subject.flags & UInt16(NST_SUBJECT_NO_NEW_PRIVS) != 0, subject.seccomp)
  }

  init(_ event: nst_confined) {
    self.init(event.flags & UInt16(NST_SUBJECT_NO_NEW_PRIVS) != 0, event.seccomp)
  }

  init(_ event: nst_fork) {
    self.init(
      event.hdr.flags & UInt16(NST_FLAG_NO_NEW_PRIVS) != 0,
      event.hdr.flags >> UInt16(NST_FLAG_SECCOMP_SHIFT) & 3)
  }

  func and(_ other: Stance) -> Stance {
    Stance(hasNoNewPrivs || other.hasNoNewPrivs, max(seccomp, other.seccomp))
  }
}

/// L1, L4: what is true of all tasks of each container, or of each cgroup.
struct StanceCounts<Holder: Hashable & Comparable> {
  struct Change: Equatable {
    var id: Holder
    var new: Stance
    var old: Stance
  }

  /// The confinement of each task, and the containers or cgroups for which it counts.
  private var counted: [UInt32: (stance: Stance?, ids: [Holder])] = [:]
  /// How many tasks have each confinement, for each container or cgroup.
  private var counts: [Holder: [Stance?: Int]] = [:]
  private var told: [Holder: Stance] = [:]
  private var touched: Set<Holder> = []

  /// Counts the task for these from now on.
  mutating func count(_ tid: UInt32, _ stance: Stance?, in ids: [Holder]) {
    if let old = counted.removeValue(forKey: tid) {
      if old.stance == stance, old.ids == ids {
        counted[tid] = old
        return
      }
      for id in old.ids { add(-1, old.stance, to: id) }
    }
    guard !ids.isEmpty else { return }
    counted[tid] = (stance, ids)
    for id in ids { add(1, stance, to: id) }
  }

  private mutating func add(_ number: Int, _ stance: Stance?, to id: Holder) {
    let count = (counts[id]?[stance] ?? 0) + number
    counts[id, default: [:]][stance] = count == 0 ? nil : count
    touched.insert(id)
  }

  /// The changes, in the order of IDs. A part that is not known of some task stays as it was.
  mutating func takeChanges() -> [Change] {
    defer { touched.removeAll() }
    return touched.sorted().compactMap { change(of: $0) }
  }

  private mutating func change(of id: Holder) -> Change? {
    let there = Set((counts[id] ?? [:]).keys)
    if there.isEmpty {
      (counts[id], told[id]) = (nil, nil)
      return nil
    }
    let old = told[id] ?? Stance(false, 0)
    var new = old
    let known = there.compactMap(\.self)
    let isWhole = known.count == there.count
    if known.contains(where: { !$0.hasNoNewPrivs }) {
      new.hasNoNewPrivs = false
    } else if isWhole {
      new.hasNoNewPrivs = true
    }
    let lowest = known.map(\.seccomp).min()
    if let lowest, lowest == 0 || isWhole { new.seccomp = lowest }
    told[id] = new
    return new == old ? nil : Change(id: id, new: new, old: old)
  }
}
