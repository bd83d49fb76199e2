// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The records that wait behind an unexplained report, and what they say of who is where.
///
/// A position is a record's place in bytes, counted from the first record that was held. Each record is
/// looked at once, and only while something is held.
struct HeldRecords: Sendable {
  /// A record that goes before the one that waits for it.
  struct Explanation: Equatable {
    var position: Int
    /// What a walk saw of a task, instead of that task's own report.
    var isWalks: Bool
  }

  /// A report of having made a namespace.
  private struct Making {
    var position: Int
    /// The last record before it that its task caused: whoever caused one was in no other call then.
    var previous: Int?
    /// Of the same call, in front of it: that its parent, who reports a birth, is elsewhere than thought.
    var parents: Int?
  }

  /// A record that a task caused, and the one that it had caused before.
  private struct Act {
    var position: Int
    var previous: Int?
  }

  /// What a walk found in a namespace.
  struct Answer {
    var position: Int
    var beganNs: UInt64
    /// The positions of what it saw of tasks that had not reported by then how they came there.
    var unreported: [Int]
    /// There were more tasks than it has told of.
    var isCut: Bool
  }

  /// What a walk has told of a namespace, and since which position.
  struct Finding {
    var position: Int
    /// What it saw of a task that has not reported since, for longer than anybody waits for.
    var silent: Explanation?
    /// There may be such a task that it has not told of.
    var isCut = false
  }

  private var bytes: [UInt8] = []
  /// The position of the first byte.
  private var base = 0
  /// The first record that has not been looked at.
  private var indexed = 0
  /// Those that were handed over before their turn.
  private var taken = PositionSet()
  private var makings: [NamespaceID: [Making]] = [:]
  /// Where a number was freed.
  private var frees: [UInt32: [Int]] = [:]
  private var answers: [NamespaceID: [Answer]] = [:]
  /// Reports of having entered namespaces.
  private var entries: [Int] = []
  /// What was last said of where a task is, by tid.
  private var places: [UInt32: Int] = [:]
  /// The last record that a task caused, or its birth, by tid.
  private var acts: [UInt32: Act] = [:]
  /// What the walk at hand has seen.
  private var seen: [Int] = []
  /// Where records are missing.
  private var losses: [Int] = []

  /// Begins anew with a report and what follows it, at position 0.
  mutating func begin(with records: RawSpan) {
    removeAll()
    append(records)
  }

  /// - Returns: the position of the first.
  @discardableResult
  mutating func append(_ records: RawSpan) -> Int {
    let before = base + bytes.count
    unsafe records.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    return before
  }

  mutating func removeAll() {
    let room = bytes.capacity
    self = HeldRecords()
    if room <= Self.roomKept { bytes.reserveCapacity(room) }
  }

  /// Bytes; what a flood has needed is given back.
  private static let roomKept = 1 << 20

  /// Forgets what was handed over.
  mutating func dropAll(before position: Int) {
    indexed = max(indexed, position)
    // Not each time: the rest is moved.
    guard position - base > bytes.count / 2 else { return }
    bytes.removeFirst(position - base)
    base = position
    taken.removeAll(before: position)
    makings.keepElements { $0.position >= position }
    frees.keepElements { $0 >= position }
    answers.keepElements { $0.position >= position }
    entries.removeAll { $0 < position }
    losses.removeAll { $0 < position }
    places = places.filter { $0.value >= position }
    acts = acts.filter { $0.value.position >= position }
    seen.removeAll { $0 < position }
  }
}

// MARK: - Records

extension HeldRecords {
  func header(at position: Int) -> nst_header { load(at: position) }

  /// Whose a TASK, SWITCH or EXEC is: their subject comes first.
  func task(at position: Int) -> nst_task_id {
    load(at: position + MemoryLayout<nst_header>.size)
  }

  /// The set that a TASK, CLONE, SWITCH or EXEC states; of other kinds one without namespaces.
  func set(at position: Int) -> nst_set {
    switch RecordKind(rawValue: header(at: position).kind) {
    case .task: (load(at: position) as nst_task).set
    case .clone: (load(at: position) as nst_clone).set
    case .switchNamespaces: (load(at: position) as nst_switch).set
    case .exec: (load(at: position) as nst_exec).set
    case .fork, .exit, .cgroup, .attach, .freed, .cgroupIn, .host, .clock, .snapshotBegin,
      .snapshotEnd, .lost, .register, .member, .pinned, .users, .confined, nil:
      nst_set()
    }
  }

  private func load<Value: BitwiseCopyable>(at position: Int) -> Value {
    unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: position - base, as: Value.self)
  }

  /// The records from a position on up to the next that was handed over already; nil: there are none.
  /// - Parameter isOne: only the first.
  func run(from position: Int, isOne: Bool) -> Range<Int>? {
    var start = position
    while taken.contains(start) { start += Int(header(at: start).size) }
    guard start < base + bytes.count else { return nil }
    if isOne { return start..<start + Int(header(at: start).size) }
    let end = taken.next(after: start) ?? base + bytes.count
    return start..<end
  }

  func withBytes(
    _ range: Range<Int>, _ body: (RawSpan) throws(WireError) -> Void
  ) throws(WireError) {
    do throws(WireError) {
      try unsafe body(
        bytes.span.bytes.extracting(range.lowerBound - base..<range.upperBound - base))
    } catch {
      throw error.moved(by: range.lowerBound)
    }
  }

  /// Takes a record out of its turn. What a walk saw of a task is from then on as if the task had been
  /// found to have moved.
  mutating func take(_ explanation: Explanation) -> RecordBatch {
    taken.insert(explanation.position)
    let start = explanation.position - base
    let size = Int(header(at: explanation.position).size)
    var record = Array(bytes[start..<start + size])
    if explanation.isWalks {
      // The header's second member.
      unsafe record.withUnsafeMutableBytes { bytes in
        unsafe bytes.storeBytes(
          of: UInt16(NST_FLAG_LATE), toByteOffset: MemoryLayout<UInt16>.size, as: UInt16.self)
      }
    }
    return RecordBatch(record)
  }
}

// MARK: - What they say

extension HeldRecords {
  /// The first report behind a position of having made a namespace, by a task that was in its call
  /// there: it has caused nothing else in between. It comes last, behind what belongs to it; nil: there
  /// is none.
  func maker(of id: NamespaceID, after position: Int) -> [Explanation]? {
    let making = makings[id]?.first { making in
      making.position > position && !taken.contains(making.position)
        && (making.previous ?? 0) <= position
    }
    guard let making else { return nil }
    let parents = making.parents.flatMap { taken.contains($0) ? nil : $0 }
    return [parents, making.position].compactMap(\.self)
      .map { Explanation(position: $0, isWalks: false) }
  }

  /// Where a namespace is freed, behind a position: whoever makes one with its number makes another.
  func freeing(of id: NamespaceID, after position: Int) -> Int? {
    frees[id.inum]?.first { $0 > position }
  }

  /// What the first walk behind a position that began after a report tells of who is in a namespace.
  /// While a task is in it that has caused no record since it was seen, that is nothing, until patience
  /// is over: it may be the maker.
  func finding(
    about id: NamespaceID, after position: Int, since timeNs: UInt64, patience: UInt64
  ) -> Finding? {
    for answer in answers[id] ?? [] where answer.position > position && answer.beganNs >= timeNs {
      let reports = answer.unreported.map { acts[task(at: $0).tid]?.position ?? 0 }
      if !answer.isCut, reports.allSatisfy({ $0 > answer.position }) {
        return Finding(position: reports.max() ?? answer.position, silent: nil)
      }
      if answer.beganNs - timeNs > patience {
        let silent = zip(answer.unreported, reports).first { $0.1 <= answer.position }?.0
        return Finding(
          position: answer.position,
          silent: silent.map { Explanation(position: $0, isWalks: true) }, isCut: answer.isCut)
      }
    }
    return nil
  }

  func hasAnswer(about id: NamespaceID, after position: Int, since timeNs: UInt64) -> Bool {
    answers[id]?.contains { $0.position > position && $0.beganNs >= timeNs } ?? false
  }

  /// Where, behind a position, records are missing: nothing is explained by what comes later.
  func loss(after position: Int) -> Int? {
    losses.first { $0 > position }
  }

  /// Where, behind a position, so many bytes are held; nil: they are not, as far as was looked.
  func limit(_ limit: Int, after position: Int) -> Int? {
    indexed - position > limit ? position + limit : nil
  }

  /// Reports of having entered namespaces, behind a position.
  func entries(after position: Int, limit: Int) -> some Sequence<Int> {
    entries.lazy.filter { $0 > position }.prefix(limit)
  }

  /// Looks at the next record.
  /// - Returns: whether there was one. One that does not hold together ends all explanations; whoever
  ///   decodes it will say so.
  mutating func index() -> Bool {
    let rest = base + bytes.count - indexed
    guard rest > 0 else { return false }
    let position = indexed
    guard rest >= MemoryLayout<nst_header>.size, isWhole(header(at: position), in: rest) else {
      indexed = base + bytes.count
      losses.append(position)
      return true
    }
    indexed += Int(header(at: position).size)
    note(position)
    return true
  }

  private func isWhole(_ header: nst_header, in rest: Int) -> Bool {
    let size = Int(header.size)
    let least =
      switch RecordKind(rawValue: header.kind) {
      case .fork: MemoryLayout<nst_fork>.size
      case .exit: MemoryLayout<nst_exit>.size
      case .task: MemoryLayout<nst_task>.size
      case .clone: MemoryLayout<nst_clone>.size
      case .switchNamespaces: MemoryLayout<nst_switch>.size
      case .exec: MemoryLayout<nst_exec>.size
      case .freed: MemoryLayout<nst_freed>.size
      case .users: MemoryLayout<nst_users>.size
      // No more than the header is looked at.
      case .cgroup, .attach, .cgroupIn, .host, .clock, .snapshotBegin, .snapshotEnd, .lost,
        .register,
        .member, .pinned, .confined, nil:
        MemoryLayout<nst_header>.size
      }
    return size >= least && size % 8 == 0 && size <= min(rest, Int(NST_RECORD_BYTES_MAX))
  }

  private mutating func note(_ position: Int) {
    let header = header(at: position)
    switch RecordKind(rawValue: header.kind) {
    case .switchNamespaces: noteSwitch(position)
    case .clone: noteClone(position)
    case .fork: noteFork(position)
    case .exit: noteExit(position)
    case .exec: noteExec(position)
    case .freed: frees[(load(at: position) as nst_freed).inum, default: []].append(position)
    case .task: noteTask(position, header.flags)
    case .users: noteUsers(position)
    case .lost, .snapshotBegin, .host: losses.append(position)
    // None of them says where a task is, or where a namespace came from.
    case .cgroup, .attach, .cgroupIn, .clock, .snapshotEnd, .register, .member, .pinned, .confined,
      nil:
      break
    }
  }

  private mutating func noteAct(of tid: UInt32, _ position: Int) {
    acts[tid] = Act(position: position, previous: acts[tid]?.position)
  }

  private mutating func noteFork(_ position: Int) {
    let report: nst_fork = load(at: position)
    places[report.child.tid] = position
    noteAct(of: report.parent_tid, position)
    noteAct(of: report.child.tid, position)
  }

  private mutating func noteExit(_ position: Int) {
    let report: nst_exit = load(at: position)
    places[report.task.tid] = position
    noteAct(of: report.task.tid, position)
  }

  private mutating func noteExec(_ position: Int) {
    places[task(at: position).tid] = position
    noteAct(of: task(at: position).tid, position)
  }

  private mutating func noteSwitch(_ position: Int) {
    let report: nst_switch = load(at: position)
    let tid = report.subject.task.tid
    let previous = acts[tid]?.position
    places[tid] = position
    noteAct(of: tid, position)
    guard report.call.result >= 0 else { return }
    guard report.call.systemCall == .unshare else { return entries.append(position) }
    for kind in NamespaceKind.allCases where report.call.flags & kind.cloneFlag != 0 {
      makings[report.set[.movedByCall(kind)], default: []].append(
        Making(position: position, previous: previous))
    }
  }

  private mutating func noteClone(_ position: Int) {
    let report: nst_clone = load(at: position)
    let tid = report.subject.task.tid
    let last = acts[tid]
    // The kernel side sends it from within the call.
    let parents = last.flatMap { isTask($0.position) ? $0.position : nil }
    let previous = parents == nil ? last?.position : last?.previous
    places[report.child.tid] = position
    noteAct(of: tid, position)
    noteAct(of: report.child.tid, position)
    for slot in NamespaceSlot.allCases where slot.isMembership {
      guard report.call.flags & slot.kind.cloneFlag != 0 else { continue }
      makings[report.set[slot], default: []].append(
        Making(position: position, previous: previous, parents: parents))
    }
  }

  /// A task that is found to have moved is where it says, and may have made what it is in.
  private mutating func noteTask(_ position: Int, _ flags: UInt16) {
    if flags & UInt16(NST_FLAG_CENSUS) != 0 { return seen.append(position) }
    let tid = task(at: position).tid
    let previous = acts[tid]?.position
    places[tid] = position
    noteAct(of: tid, position)
    let set = set(at: position)
    for id in Set(NamespaceSlot.allCases.map { set[$0] }) {
      makings[id, default: []].append(Making(position: position, previous: previous))
    }
  }

  private func isTask(_ position: Int) -> Bool {
    header(at: position).kind == NST_KIND_TASK.rawValue
  }

  private mutating func noteUsers(_ position: Int) {
    let users: nst_users = load(at: position)
    let kind = NamespaceKind.allCases.first { $0.cloneFlag == UInt64(users.type) }
    guard let kind else { return }
    let id = NamespaceID(kind: kind, inum: users.inum, nsid: users.id)
    // Of an earlier walk.
    seen = seen.filter { header(at: $0).time_ns >= users.began_ns }
    let found = seen.filter { holds(set(at: $0), id) }
    answers[id, default: []].append(
      Answer(
        position: position, beganNs: users.began_ns,
        unreported: found.filter { !hasReported($0, id) }, isCut: users.tasks > found.count))
  }

  private func holds(_ set: nst_set, _ id: NamespaceID) -> Bool {
    NamespaceSlot.allCases.contains { set[$0] == id }
  }

  /// Whether a task that a walk has seen in a namespace has come there by a report or was born there, or
  /// has reported after it was seen, or ended.
  private func hasReported(_ seen: Int, _ id: NamespaceID) -> Bool {
    guard let position = places[task(at: seen).tid] else { return false }
    let last = header(at: position)
    let isBirthOrEnd = [NST_KIND_FORK.rawValue, NST_KIND_EXIT.rawValue].contains(last.kind)
    return isBirthOrEnd || last.time_ns > header(at: seen).time_ns || holds(set(at: position), id)
  }
}

extension Dictionary {
  /// Removes the other elements from each list, and lists that are empty then.
  fileprivate mutating func keepElements<Element>(
    where isKept: (Element) -> Bool
  ) where Value == [Element] {
    self = compactMapValues { list in
      let rest = list.filter(isKept)
      return rest.isEmpty ? nil : rest
    }
  }
}
