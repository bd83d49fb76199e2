// SPDX-License-Identifier: Apache-2.0

package import NSTrace

/// Has a keeper know the container sessions of this tracer (docs/identity.md).
///
/// A session is in the keeper within a second. A process that was born in between, before its parent
/// was known to be inside, has nothing of it yet: each change is therefore written twice, with a
/// second between, and again until the keeper has nothing else of any process.
///
/// Where records are missing, a session may only seem to have ended, and a process to have left. What is
/// new is added all the same, so that nobody keeps a session out by a flood of records; the rest waits.
/// A session that has ended stays until the record of its end is written, because the next tracer would
/// not tell it.
package struct SessionKeeping {
  /// The sessions in the keeper, by the low bits of their numbers; nil: not read yet.
  private var kept: [UInt32: UInt32]?
  /// At the first time there may be sessions in the keeper that have ended.
  private var changes = UInt64.max
  private var mustRepeat = false
  /// The sessions in the keeper that have ended, with the number of events that had been made by then.
  private var ended: [UInt32: Int] = [:]
  /// When it may be written next: all tasks are looked at for it.
  private var next = ContinuousClock.now

  private static let distance = Duration.seconds(1)

  package init() {}

  /// When sessions are to be written; nil: there is nothing to write.
  /// - Parameter isSure: whether no records are missing.
  package func due(
    for state: borrowing NamespaceState, isSure: Bool
  ) -> ContinuousClock.Instant? {
    let isBehind = state.sessionChanges != changes || mustRepeat
    return isBehind && (isSure || state.hasSessions) ? next : nil
  }

  /// Writes what has changed; what is new only, unless `isSure`.
  /// - Throws: `SystemError`; ENOSPC: some sessions are not kept, and all else is written.
  package mutating func write(
    _ inUse: SessionsInUse, isSure: Bool, _ events: WrittenEvents = .all, to keeper: Keeper
  ) throws(SystemError) {
    next = ContinuousClock.now + Self.distance
    var kept: [UInt32: UInt32]
    if let known = self.kept { kept = known } else { kept = try Self.read(keeper) }
    let failure = Self.add(inUse.sessions, to: &kept, keeper)
    let words = Self.words(inUse, kept, clears: isSure)
    // All of them, and not up to the first.
    let corrections = words.count { keeper.set($0.value, of: $0.key) }
    if isSure {
      remove(allBut: inUse.sessions, from: &kept, events, keeper)
      mustRepeat = inUse.changes != changes || corrections > 0 || !ended.isEmpty
      changes = inUse.changes
    }
    self.kept = kept
    if let failure { throw failure }
  }

  private static func read(_ keeper: Keeper) throws(SystemError) -> [UInt32: UInt32] {
    let found = try keeper.readSessions()
    for number in found.damaged { keeper.remove(session: number) }
    return Dictionary(
      found.kept.map { ($0.number & VisitWord.sessionMask, $0.number) }, uniquingKeysWith: { $1 })
  }

  private static func add(
    _ sessions: [KeptSession], to kept: inout [UInt32: UInt32], _ keeper: Keeper
  ) -> SystemError? {
    var failure: SystemError?
    for session in sessions where kept[session.number & VisitWord.sessionMask] == nil {
      do throws(SystemError) {
        try keeper.put(session)
        kept[session.number & VisitWord.sessionMask] = session.number
      } catch {
        failure = error
      }
    }
    return failure
  }

  /// A process in no session can have a word all the same: it was born since its parent's was written,
  /// and has left. One that is not known is left alone: another tgid's word may be right by now.
  private static func words(
    _ inUse: SessionsInUse, _ kept: [UInt32: UInt32], clears: Bool
  ) -> [(key: UInt32, value: VisitWord?)] {
    var words: [(key: UInt32, value: VisitWord?)] = []
    for (tgid, visit) in inUse.visits {
      let isKept = kept[visit.session & VisitWord.sessionMask] == visit.session
      if isKept || clears { words.append((tgid, isKept ? VisitWord(visit) : nil)) }
    }
    return words + (clears ? inUse.outside.map { ($0, nil) } : [])
  }

  private mutating func remove(
    allBut sessions: [KeptSession], from kept: inout [UInt32: UInt32], _ events: WrittenEvents,
    _ keeper: Keeper
  ) {
    let living = Set(sessions.map { $0.number })
    for (low, number) in kept where !living.contains(number) {
      let made = ended[number, default: events.made]
      ended[number] = made
      guard events.written >= made else { continue }
      keeper.remove(session: number)
      (kept[low], ended[number]) = (nil, nil)
    }
  }
}
