// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The records that wait behind an unexplained report, and what they state about tasks' namespaces.
///
/// Each record is indexed once, and only while something is held.
struct HeldRecords: Sendable {
  /// A record that is handed over before the one that waits for it.
  struct Explanation: Equatable {
    var position: Int
    /// Whether it is a walk's record of a task, in place of the task's own report.
    var isWalks: Bool
  }

  /// A report of having made a namespace.
  struct Making {
    /// The report; the call began after the previous record that its task caused.
    var act: Act
    /// The parent's TASK record of the same call, before a birth: the parent's set was not the
    /// known one.
    var parents: Int?
  }

  /// A record that a task caused, or its birth, and the previous one.
  struct Act {
    var position: Int
    var previous: Int?

    /// Whether it is its task's first after a report of another task.
    func isFirst(after position: Int) -> Bool {
      self.position > position && previous.map { $0 < position } ?? true
    }
  }

  /// A walk's answer about a namespace.
  struct Answer {
    var position: Int
    var beganNs: UInt64
    /// The positions of its records of tasks that had not reported yet how they came there.
    var unreported: [Int]
    /// Whether there were more tasks than the walk reported.
    var isCut: Bool

    /// The answer without the walk's records before a position.
    func from(_ position: Int) -> Answer {
      var answer = self
      answer.unreported.removeAll { $0 < position }
      return answer
    }
  }

  /// A walk's finding about a namespace, and the position from which it holds.
  struct Finding {
    var position: Int
    /// What shows that another task had come there by a call that no hook saw, or by one that has
    /// not returned within the patience.
    var silent: Explanation?
    /// Whether there may be such a task that the walk did not report.
    var isCut = false
  }

  private(set) var records = HeldBytes()
  /// The position of the first record that is not indexed.
  var indexed = 0
  var makings: [NamespaceID: [Making]] = [:]
  /// The positions of FREED records, by inode number.
  var frees: [UInt32: [Int]] = [:]
  var answers: [NamespaceID: [Answer]] = [:]
  /// The positions of reports of entering namespaces.
  var entries: [Int] = []
  /// The position of the last record that states a task's set, by tid.
  var places: [UInt32: Int] = [:]
  /// The last act of each task, by tid.
  var acts: [UInt32: Act] = [:]
  /// The SWITCH and EXEC records whose tasks were in a namespace before the reported call: they state
  /// the whole set, of which their call changed a part at most.
  var statements: [NamespaceID: [Act]] = [:]
  /// The positions of walks' records of tasks that have not acted since, by tid; of those in
  /// `Answer.unreported`.
  var awaited: [UInt32: [Int]] = [:]
  /// The first act since then of a task that was awaited, by the position of the walk's record.
  var firstActs: [Int: Act] = [:]
  /// The positions of the current walk's records.
  var seen: [Int] = []
  /// The positions at which records are missing.
  var losses: [Int] = []
  /// The positions at which the stream ends all waits.
  var ends: [Int] = []

  /// Starts again with a report and what follows it, at position 0.
  mutating func begin(with records: RawSpan) {
    removeAll()
    append(records)
  }

  /// Appends records.
  /// - Returns: the position of the first.
  @discardableResult
  mutating func append(_ records: RawSpan) -> Int {
    let before = self.records.end
    self.records.append(records)
    return before
  }

  mutating func removeAll() {
    var records = records
    self = HeldRecords()
    records.removeAll()
    self.records = records
  }

  /// Drops the records before a position.
  mutating func dropAll(before position: Int) {
    indexed = max(indexed, position)
    guard records.dropAll(before: position) else { return }
    makings.keepElements { $0.act.position >= position }
    frees.keepElements { $0 >= position }
    answers.keepElements { $0.position >= position }
    answers = answers.mapValues { $0.map { $0.from(position) } }
    entries.removeAll { $0 < position }
    losses.removeAll { $0 < position }
    ends.removeAll { $0 < position }
    places = places.filter { $0.value >= position }
    acts = acts.filter { $0.value.position >= position }
    statements.keepElements { $0.position >= position }
    awaited.keepElements { $0 >= position }
    firstActs = firstActs.filter { $0.key >= position }
    seen.removeAll { $0 < position }
  }

  /// Takes a record before its turn.
  mutating func take(_ explanation: Explanation) -> RecordBatch { records.take(explanation) }
}

// MARK: - Queries

extension HeldRecords {
  /// The first report after a position of making a namespace, by a task that was in its call at
  /// that position: it caused no other record in between. The report is last, after the records
  /// that belong to it; nil: there is none.
  func maker(of id: NamespaceID, after position: Int) -> [Explanation]? {
    let making = makings[id]?.first { making in
      making.act.isFirst(after: position) && !records.isTaken(making.act.position)
    }
    guard let making else { return nil }
    // One before that position has been handed over.
    let parents = making.parents.flatMap { $0 < position || records.isTaken($0) ? nil : $0 }
    return [parents, making.act.position].compactMap(\.self)
      .map { Explanation(position: $0, isWalks: false) }
  }

  /// The position after `position` at which a namespace is freed: a later one with its number is
  /// another.
  func freeing(of id: NamespaceID, after position: Int) -> Int? {
    frees[id.inum]?.first(after: position)
  }

  /// The finding about a namespace of the first walk after a position that began after a report.
  /// Nil while a task is in it that has caused no record since it was seen, because that may be the
  /// maker, until the patience is over.
  func finding(
    about id: NamespaceID, after position: Int, since timeNs: UInt64, patience: UInt64
  ) -> Finding? {
    for answer in answers[id] ?? [] where answer.position > position && answer.beganNs >= timeNs {
      let acts = answer.unreported.compactMap { firstActs[$0]?.position }
      let isWhole = !answer.isCut && acts.count == answer.unreported.count
      guard isWhole || answer.beganNs - timeNs > patience else { continue }
      let end = isWhole ? acts.max() ?? answer.position : answer.position
      let silent = silent(in: id, answer, after: position)
      return Finding(position: end, silent: silent, isCut: answer.isCut)
    }
    return nil
  }

  /// The walk's record of a task that has not acted since, or whose first act shows that it had come
  /// by a call that no hook saw.
  private func silent(
    in id: NamespaceID, _ answer: Answer, after position: Int
  ) -> Explanation? {
    let seen = answer.unreported.first { seen in
      guard let act = firstActs[seen] else { return true }
      return act.isFirst(after: position) && cameUnseen(seen, into: id, before: act.position)
    }
    return seen.map { Explanation(position: $0, isWalks: true) }
  }

  /// The first report after a position, up to another, whose task was in the namespace before the
  /// reported call: it was so at that position, because it caused no other record in between.
  func statement(of id: NamespaceID, after position: Int, through end: Int) -> Explanation? {
    let acts = statements[id] ?? []
    let first = acts.firstIndex(after: position, \.position)
    for act in acts[first...] {
      if act.position > end { return nil }
      if act.isFirst(after: position), !records.isTaken(act.position) {
        return Explanation(position: act.position, isWalks: false)
      }
    }
    return nil
  }

  func hasAnswer(about id: NamespaceID, after position: Int, since timeNs: UInt64) -> Bool {
    answers[id]?.contains { $0.position > position && $0.beganNs >= timeNs } ?? false
  }

  /// The position after `position` at which records are missing: later records explain nothing.
  func loss(after position: Int) -> Int? {
    losses.first(after: position)
  }

  /// The position after `position` at which the stream ends all waits.
  func end(after position: Int) -> Int? {
    ends.first(after: position)
  }

  /// The position at which more than `limit` bytes are held; nil: not among the indexed records.
  func limit(_ limit: Int, after position: Int) -> Int? {
    indexed - position > limit ? position + limit : nil
  }

  /// The positions after `position` of reports of entering namespaces.
  func entries(after position: Int, limit: Int) -> some Sequence<Int> {
    entries[entries.firstIndex(after: position) { $0 }...].prefix(limit)
  }
}

extension [Int] {
  /// The first position after another; they ascend.
  fileprivate func first(after position: Int) -> Int? {
    let index = firstIndex(after: position) { $0 }
    return index < endIndex ? self[index] : nil
  }
}

extension Array {
  /// The index of the first one after a position, by halving: there can be as many as are held.
  fileprivate func firstIndex(after position: Int, _ own: (Element) -> Int) -> Int {
    var range = indices
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range =
        own(self[middle]) > position
        ? range.lowerBound..<middle : middle + 1..<range.upperBound
    }
    return range.lowerBound
  }
}

extension Dictionary {
  /// Keeps the elements of each list for which `isKept` is true, and drops empty lists.
  fileprivate mutating func keepElements<Element>(
    where isKept: (Element) -> Bool
  ) where Value == [Element] {
    self = compactMapValues { list in
      let rest = list.filter(isKept)
      return rest.isEmpty ? nil : rest
    }
  }
}
