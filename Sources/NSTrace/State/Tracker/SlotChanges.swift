// SPDX-License-Identifier: Apache-2.0

/// What a report changes of a task's set.
struct SlotChanges {
  /// The slots in which the reported set differs from the stored one.
  var slots: SlotSet
  /// The slots, of these, whose namespace the call made.
  var made = SlotSet.none
}
