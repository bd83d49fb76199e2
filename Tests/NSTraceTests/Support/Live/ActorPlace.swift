// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Where a task of an actor was when it said so.
struct ActorPlace {
  let who: String
  let tid: UInt32
  let slots: [NamespaceSlot: NamespaceID]

  /// - Throws: `LiveTraceError` when the task could not read it.
  subscript(slot: NamespaceSlot) -> NamespaceID {
    get throws {
      guard let namespace = slots[slot] else { throw LiveTraceError.noFact("\(who).\(slot)") }
      return namespace
    }
  }
}
