// SPDX-License-Identifier: Apache-2.0

/// What a report changes of a task's set.
struct SlotChanges {
  /// The slots in which the task is elsewhere than it was reported to be.
  var slots: SlotSet
  /// Of these the ones whose namespace the call has made.
  var made = SlotSet.none
}
