// SPDX-License-Identifier: Apache-2.0

package import NSTrace

/// Has a keeper know the container sessions of this tracer (docs/identity.md).
///
/// A session is in the keeper within a second. A process that was born in between, before its parent
/// was known to be inside, has nothing of it yet: each change is therefore written twice, with a
/// second between, and what the second time finds is complete.
package struct SessionKeeping {
  /// The sessions in the keeper, by the low bits of their numbers; nil: not read yet.
  private var kept: [UInt32: UInt32]?
  /// At the first time there may be sessions in the keeper that have ended.
  private var changes = UInt64.max
  private var passesLeft = 0
  /// When it may be written next: all tasks are looked at for it.
  package private(set) var due = ContinuousClock.now

  private static let distance = Duration.seconds(1)

  package init() {}

  /// Whether there is something to write, at `due` at the earliest.
  /// - Parameter changes: `NamespaceState.sessionChanges`.
  package func isBehind(_ changes: UInt64) -> Bool { changes != self.changes || passesLeft > 0 }

  /// Writes what has changed.
  /// - Throws: `SystemError`; ENOSPC: some sessions are not kept, and all else is written.
  package mutating func write(_ inUse: SessionsInUse, to keeper: Keeper) throws(SystemError) {
    passesLeft = inUse.changes == changes ? 0 : 1
    changes = inUse.changes
    due = ContinuousClock.now + Self.distance
    var kept: [UInt32: UInt32]
    if let known = self.kept { kept = known } else { kept = try Self.read(keeper) }
    let failure = Self.add(inUse.sessions, to: &kept, keeper)
    Self.write(inUse, keeper, kept)
    Self.remove(allBut: inUse.sessions, from: &kept, keeper)
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
  private static func write(
    _ inUse: SessionsInUse, _ keeper: Keeper, _ kept: [UInt32: UInt32]
  ) {
    for tgid in inUse.outside { keeper.set(nil, of: tgid) }
    for (tgid, visit) in inUse.visits {
      let isKept = kept[visit.session & VisitWord.sessionMask] == visit.session
      keeper.set(isKept ? VisitWord(visit) : nil, of: tgid)
    }
  }

  private static func remove(
    allBut sessions: [KeptSession], from kept: inout [UInt32: UInt32], _ keeper: Keeper
  ) {
    let living = Set(sessions.map { $0.number })
    for (low, number) in kept where !living.contains(number) {
      keeper.remove(session: number)
      kept[low] = nil
    }
  }
}
