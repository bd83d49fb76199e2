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
    give(Self.sum(Self.sum(highest, Self.most(in: batch.count)), unfound))
  }

  /// How many sessions can begin by so many bytes of records.
  private static func most(in bytes: Int) -> UInt32 { UInt32(clamping: bytes / least) }

  private static func sum(_ number: UInt32, _ count: UInt32) -> UInt32 {
    number > .max - count ? .max : number + count
  }

  private func give(_ number: UInt32) {
    highest = number
    keeper.setLastSession(number)
  }

  /// The batch is tracked.
  /// - Parameters:
  ///   - last: the highest number that was given.
  ///   - heldBytes: of records that are held back, and may begin sessions later.
  ///   - unfound: the number of tasks before the first walk is complete.
  func settle(at last: UInt32, heldBytes: Int, unfound: Int) {
    self.unfound = UInt32(clamping: unfound)
    if last > first { pinFirst() }
    let held = heldBytes > 0 ? Self.sum(Self.most(in: heldBytes), self.unfound) : 0
    give(Self.sum(max(first, last), held))
  }

  /// Also if the session has ended by now: its number was printed. Tried once, because the attendant is
  /// asked for it.
  private func pinFirst() {
    if isPinned { return }
    isPinned = true
    keeper.pinFirst()
  }
}
