// SPDX-License-Identifier: Apache-2.0

/// What a move changes of where a task is inside containers that are not its own (T4).
struct SessionStep {
  /// The slots by which it is inside afterwards.
  var inside: SlotSet
  /// Those, of these, by which it has entered from outside.
  var entered = SlotSet.none
  /// The containers that it has entered.
  var containers: Set<ContainerID> = []
  /// The container that the task sets up.
  var settingUp: ContainerID?

  /// Adds a slot whose namespace the task comes into. It enters if containers live there that it is not
  /// inside yet, unless one of them is its home; or, where none lives, if it is inside none of those that
  /// were there.
  /// - Parameters:
  ///   - home: the containers that the task belongs to.
  ///   - session: those that its session is inside.
  mutating func come(
    into namespace: NamespaceInside, by slot: NamespaceSlot, home: Set<ContainerID>,
    _ session: Set<ContainerID>
  ) {
    inside.remove(slot)
    let others = namespace.containers.subtracting(home)
    if others.isEmpty || !namespace.residents.isDisjoint(with: home) { return }
    inside.insert(slot)
    if namespace.residents.isSubset(of: session), !others.isDisjoint(with: session) { return }
    entered.insert(slot)
    containers.formUnion(others)
  }
}
