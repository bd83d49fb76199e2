// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace
internal import NSTraceLive

/// Has the keeper know which numbers of sessions are given, so that no later tracer gives them again
/// (docs/identity.md).
///
/// Before a batch is tracked it says the highest number that the batch can need, because a tracer that
/// is killed has perhaps printed it. The numbers between are left out then.
final class SessionNumbers: RecordTap {
  private let keeper: Keeper
  /// What earlier tracers have given.
  private let first: UInt32
  private var highest: UInt32
  /// How many sessions can begin at the end of the first walk, which has no record for each.
  private var unfound: UInt32 = 0
  private var isPinned = false

  init(_ keeper: Keeper) {
    self.keeper = keeper
    first = keeper.lastSession
    highest = first
  }

  /// No record is smaller.
  private static let least = MemoryLayout<nst_header>.size

  func take(_ batch: borrowing RecordBatch) {
    let most = UInt32(clamping: batch.count / Self.least) + unfound
    highest = highest > .max - most ? .max : highest + most
    keeper.setLastSession(highest)
  }

  /// The batch is tracked.
  /// - Parameters:
  ///   - last: the highest number that was given.
  ///   - isHolding: whether reports of the batch are held back, and may begin sessions later.
  ///   - unfound: the number of tasks before the first walk is complete.
  func settle(at last: UInt32, isHolding: Bool, unfound: Int) {
    self.unfound = UInt32(clamping: unfound)
    if last > first { pinFirst() }
    if isHolding { return }
    highest = max(first, last)
    keeper.setLastSession(highest)
  }

  /// Also if the session has ended by now: its number was printed. Tried once, because the attendant is
  /// asked for it.
  private func pinFirst() {
    if isPinned { return }
    isPinned = true
    keeper.pinFirst()
  }
}
