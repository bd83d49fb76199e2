// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The tasks of some processes and of all their descendants, as a stream tells of them: threads, and processes
/// whose parent has ended, too.
///
/// It reads the records before the tracker does, whatever these lead to. A class, because who reads the stream and
/// who selects events share it.
public final class ProcessTree {
  /// Whether descendants belong to it, or only the processes themselves.
  private let hasDescendants: Bool
  /// The processes that have not been seen. The first that has the number is meant.
  public private(set) var unseen: Set<UInt32>
  private var living = TaskNumbers()
  /// The tasks that the first snapshot has found so far, and those born meanwhile; nil: it is complete.
  private var walk: [Found]? = []
  /// Those that have ended meanwhile.
  private var endedMeanwhile = TaskNumbers()
  /// Those of the tree that a later snapshot has found so far; nil: there is none under way.
  private var again: TaskNumbers?
  private var ended = TaskNumbers()
  /// The ended ones in the order of their ends, from `head` on.
  private var ends: [nst_task_id] = []
  private var head = 0

  private struct Found {
    var task: nst_task_id
    /// A task of its parent.
    var parent: UInt32
  }

  /// How many ended tasks are remembered, because events are written some time after the end.
  private static let endsMax = 65_536

  /// - Parameters:
  ///   - processes: tgids in the initial PID namespace.
  ///   - hasDescendants: whether descendants belong to it.
  public init(of processes: Set<UInt32>, hasDescendants: Bool = true) {
    unseen = processes
    self.hasDescendants = hasDescendants
  }

  /// Whether all its processes were seen and have ended.
  public var hasEnded: Bool { walk == nil && unseen.isEmpty && living.isEmpty }

  /// Whether a task belongs to it, or did until it ended.
  func has(_ task: nst_task_id) -> Bool { living.has(task) || ended.has(task) }

  /// Whether a task of this number does.
  func has(tid: UInt32) -> Bool { living.has(tid: tid) || ended.has(tid: tid) }

  /// Whether a process of this number does, as far as its leader is known.
  func has(process tgid: UInt32) -> Bool { has(tid: tgid) }
}

// MARK: - Records

extension ProcessTree {
  /// Takes whole records.
  public func take(_ batch: borrowing RecordBatch) {
    batch.withBytes { bytes in
      var offset = 0
      while bytes.byteCount - offset >= MemoryLayout<nst_header>.size {
        let header = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: nst_header.self)
        let size = Int(header.size)
        // What is wrong with a record is said by who decodes it.
        guard size >= MemoryLayout<nst_header>.size, size <= bytes.byteCount - offset else {
          return
        }
        take(header, bytes.extracting(offset..<offset + size))
        offset += size
      }
    }
  }

  private func take(_ header: nst_header, _ record: RawSpan) {
    switch header.kind {
    case NST_KIND_FORK.rawValue:
      if let fork = load(nst_fork.self, record) { born(fork.child, of: fork.parent_tid) }
    case NST_KIND_CLONE.rawValue:
      if let clone = load(nst_clone.self, record) { born(clone.child, of: clone.subject.task.tid) }
    case NST_KIND_EXIT.rawValue:
      if let exit = load(nst_exit.self, record) { end(exit.task) }
    case NST_KIND_EXEC.rawValue:
      if let exec = load(nst_exec.self, record) { executed(exec.subject.task, exec.old_tid) }
    case NST_KIND_TASK.rawValue:
      if let task = load(nst_task.self, record) { found(task.subject) }
    case NST_KIND_SNAPSHOT_BEGIN.rawValue: if walk == nil { again = TaskNumbers() }
    case NST_KIND_SNAPSHOT_END.rawValue: walk == nil ? endLaterWalk() : endFirstWalk()
    default: break
    }
  }

  private func load<Record: BitwiseCopyable>(_ type: Record.Type, _ record: RawSpan) -> Record? {
    guard record.byteCount >= MemoryLayout<Record>.size else { return nil }
    return unsafe record.unsafeLoadUnaligned(as: type)
  }

  private func born(_ child: nst_task_id, of parent: UInt32) {
    if walk != nil { return walk!.append(Found(task: child, parent: parent)) }
    let isOfOwn = living.has(tid: parent) && (hasDescendants || living.has(tid: child.tgid))
    if isOfOwn || unseen.contains(child.tid) { add(child) }
  }

  /// A thread that executes a program takes its leader's number; the others have ended.
  private func executed(_ task: nst_task_id, _ oldTID: UInt32) {
    guard oldTID != task.tid, living.has(tid: oldTID) else { return }
    add(task)
    living.remove(tid: oldTID)
  }

  private func end(_ task: nst_task_id) {
    if walk != nil { endedMeanwhile.add(task) }
    guard living.remove(task) else { return }
    ended.add(task)
    ends.append(task)
    if ends.count - head > Self.endsMax { forgetOldest() }
  }

  private func forgetOldest() {
    ended.remove(ends[head])
    head += 1
    guard head > Self.endsMax else { return }
    ends.removeFirst(head)
    head = 0
  }

  private func add(_ task: nst_task_id) {
    unseen.remove(task.tgid)
    unseen.remove(task.tid)
    living.add(task)
    again?.add(task)
  }
}

// MARK: - Snapshots

extension ProcessTree {
  /// A snapshot has the tasks in no order that follows their descent. A later one may find a child whose birth is
  /// missing.
  private func found(_ subject: nst_subject) {
    let found = Found(task: subject.task, parent: subject.ppid)
    if walk != nil { return walk!.append(found) }
    if living.has(subject.task) {
      again?.add(subject.task)
    } else if isOfOwn(found) {
      add(found.task)
    }
  }

  private func isOfOwn(_ found: Found) -> Bool {
    isMeant(found.task) || living.has(tid: found.task.tgid)
      || hasDescendants && living.has(tid: found.parent)
  }

  private func isMeant(_ task: nst_task_id) -> Bool {
    unseen.contains(task.tgid) || unseen.contains(task.tid)
  }

  /// A process may have a hundred thousand descendants, each the child of the one before.
  private func endFirstWalk() {
    let found = (walk ?? []).filter { !endedMeanwhile.has($0.task) }
    walk = nil
    endedMeanwhile = TaskNumbers()
    let threads = Dictionary(grouping: found) { $0.task.tgid }
    let children = hasDescendants ? Dictionary(grouping: found) { $0.parent } : [:]
    var next = found.filter { isMeant($0.task) }
    while let one = next.popLast() {
      if living.has(one.task) { continue }
      add(one.task)
      if one.task.tid == one.task.tgid { next += threads[one.task.tgid] ?? [] }
      next += children[one.task.tid] ?? []
    }
  }

  /// What it has not found has ended, and its end is missing.
  private func endLaterWalk() {
    guard let again else { return }
    self.again = nil
    for task in living.tasks where !again.has(task) { end(task) }
  }
}
