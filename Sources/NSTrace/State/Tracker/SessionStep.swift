// SPDX-License-Identifier: Apache-2.0

/// What a move changes of where a task is inside containers that are not its own (T4).
struct SessionStep {
  /// The slots by which it is inside afterwards.
  var inside: SlotSet
  /// Those, of these, by which it has entered from outside.
  var entered = SlotSet.none
  /// The containers that it has entered.
  var containers: Set<ContainerID> = []
}
