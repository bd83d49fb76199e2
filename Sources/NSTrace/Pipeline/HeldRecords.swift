// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The records that wait behind an unexplained report, and what they say of who is where.
///
/// Each record is looked at once, and only while something is held.
struct HeldRecords: Sendable {
  /// A record that goes before the one that waits for it.
  struct Explanation: Equatable {
    var position: Int
    /// What a walk saw of a task, instead of that task's own report.
    var isWalks: Bool
  }

  /// A report of having made a namespace.
  struct Making {
    var position: Int
    /// The last record before it that its task caused: whoever caused one was in no other call then.
    var previous: Int?
    /// Of the same call, in front of it: that its parent, who reports a birth, is elsewhere than thought.
    var parents: Int?
  }

  /// A record that a task caused, and the one that it had caused before.
  struct Act {
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

  private(set) var records = HeldBytes()
  /// The first record that has not been looked at.
  var indexed = 0
  var makings: [NamespaceID: [Making]] = [:]
  /// Where a number was freed.
  var frees: [UInt32: [Int]] = [:]
  var answers: [NamespaceID: [Answer]] = [:]
  /// Reports of having entered namespaces.
  var entries: [Int] = []
  /// What was last said of where a task is, by tid.
  var places: [UInt32: Int] = [:]
  /// The last record that a task caused, or its birth, by tid.
  var acts: [UInt32: Act] = [:]
  /// What the walk at hand has seen.
  var seen: [Int] = []
  /// Where records are missing.
  var losses: [Int] = []

  /// Begins anew with a report and what follows it, at position 0.
  mutating func begin(with records: RawSpan) {
    removeAll()
    append(records)
  }

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

  /// Forgets what was handed over.
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

  /// Takes a record out of its turn.
  mutating func take(_ explanation: Explanation) -> RecordBatch { records.take(explanation) }
}

// MARK: - What they say

extension HeldRecords {
  /// The first report behind a position of having made a namespace, by a task that was in its call
  /// there: it has caused nothing else in between. It comes last, behind what belongs to it; nil: there
  /// is none.
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
