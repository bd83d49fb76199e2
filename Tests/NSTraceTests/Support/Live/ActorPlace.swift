// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// The tid and the namespaces that a task of an actor printed.
struct ActorPlace {
  let who: String
  let tid: UInt32
  let slots: [NamespaceSlot: NamespaceID]

  /// - Throws: `LiveTraceError` if the task could not read the slot.
  subscript(slot: NamespaceSlot) -> NamespaceID {
    get throws {
      guard let namespace = slots[slot] else { throw LiveTraceError.noFact("\(who).\(slot)") }
      return namespace
    }
  }
}
