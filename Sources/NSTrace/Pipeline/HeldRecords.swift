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
    var position: Int
    /// The previous record that its task caused: the call began after that one.
    var previous: Int?
    /// The parent's TASK record of the same call, before a birth: the parent's set was not the
    /// known one.
    var parents: Int?
  }

  /// A record that a task caused, and the previous one.
  struct Act {
    var position: Int
    var previous: Int?
  }

  /// A walk's answer about a namespace.
  struct Answer {
    var position: Int
    var beganNs: UInt64
    /// The positions of its records of tasks that had not reported yet how they came there.
    var unreported: [Int]
    /// Whether there were more tasks than the walk reported.
    var isCut: Bool
  }

  /// A walk's finding about a namespace, and the position from which it holds.
  struct Finding {
    var position: Int
    /// The record of a task that has not reported since, for longer than the patience.
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
  /// The last record that a task caused, or its birth, by tid.
  var acts: [UInt32: Act] = [:]
  /// The positions of the current walk's records.
  var seen: [Int] = []
  /// The positions at which records are missing.
  var losses: [Int] = []

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
    makings.keepElements { $0.position >= position }
    frees.keepElements { $0 >= position }
    answers.keepElements { $0.position >= position }
    entries.removeAll { $0 < position }
    losses.removeAll { $0 < position }
    places = places.filter { $0.value >= position }
    acts = acts.filter { $0.value.position >= position }
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
      making.position > position && !records.isTaken(making.position)
        && (making.previous ?? 0) <= position
    }
    guard let making else { return nil }
    let parents = making.parents.flatMap { records.isTaken($0) ? nil : $0 }
    return [parents, making.position].compactMap(\.self)
      .map { Explanation(position: $0, isWalks: false) }
  }

  /// The position after `position` at which a namespace is freed: a later one with its number is
  /// another.
  func freeing(of id: NamespaceID, after position: Int) -> Int? {
    frees[id.inum]?.first { $0 > position }
  }

  /// The finding about a namespace of the first walk after a position that began after a report.
  /// Nil while a task is in it that has caused no record since it was seen, because that may be the
  /// maker, until the patience is over.
  func finding(
    about id: NamespaceID, after position: Int, since timeNs: UInt64, patience: UInt64
  ) -> Finding? {
    for answer in answers[id] ?? [] where answer.position > position && answer.beganNs >= timeNs {
      let reports = answer.unreported.map { acts[records.task(at: $0).tid]?.position ?? 0 }
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

  /// The position after `position` at which records are missing: later records explain nothing.
  func loss(after position: Int) -> Int? {
    losses.first { $0 > position }
  }

  /// The position at which more than `limit` bytes are held; nil: not among the indexed records.
  func limit(_ limit: Int, after position: Int) -> Int? {
    indexed - position > limit ? position + limit : nil
  }

  /// The positions after `position` of reports of entering namespaces.
  func entries(after position: Int, limit: Int) -> some Sequence<Int> {
    entries.lazy.filter { $0 > position }.prefix(limit)
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
