// SPDX-License-Identifier: Apache-2.0

// MARK: - T4: sessions in the containers of cgroups

/// A container's cgroup gives its ID to whoever comes into it, also to those who have come in from outside. A
/// stranger is one of those (`SetTable.Slots.isStranger`). The first process of a container is none.
extension Tracker where Sink: ~Copyable {
  /// Gives a task that was unknown, and is in its parent's container by their cgroup, what a child takes over
  /// at its birth: it is a stranger there if its parent is one, and in the same session.
  func takeVisit(_ slots: inout SetTable.Slots, ofChildOf ppid: UInt32?) {
    let label = slots[SetTable.labelLane]
    guard state.containers.origin(of: label) == .cgroup, let ppid,
      let parent = state.tasks.find(ppid), let its = slotsOf(state.tasks[parent].set),
      its.isStranger, its[SetTable.labelLane] == label
    else { return }
    slots.isStranger = true
    slots[SetTable.sessionLane] = its[SetTable.sessionLane]
  }

  /// The container that a task sets up: the innermost one of its cgroup, in which nothing has been executed
  /// so far; nil: none.
  func containerSetUp(by slots: SetTable.Slots) -> ContainerID? {
    guard let id = ownCgroup(slots), !state.containers.hasStarted(id) else { return nil }
    return id
  }

  /// The innermost container of a task that has it by its cgroup, and is no stranger there.
  private func ownCgroup(_ slots: SetTable.Slots) -> ContainerID? {
    slots.isStranger ? nil : cgroupContainer(slots)
  }

  /// The innermost container of a task that has it by its cgroup.
  func cgroupContainer(_ slots: SetTable.Slots) -> ContainerID? {
    let label = slots[SetTable.labelLane]
    guard state.containers.origin(of: label) == .cgroup else { return nil }
    return state.containers[label].elements.first?.id
  }

  /// Notes an exec. A runtime moves the first process of a container into its cgroup, then into the namespaces
  /// that it shares with others, as those of a pod do, and then executes the container's program. With that the
  /// process is no visitor there any more: it lives there.
  mutating func startContainer(of index: TaskTable.Index, _ draft: inout EventDraft) {
    guard options.containers == .cgroup, let slots = slotsOf(state.tasks[index].set),
      let own = ownCgroup(slots)
    else { return }
    if state.sessions[slots[SetTable.sessionLane]]?.settingUp == own {
      endSetUp(of: index, slots[SetTable.labelLane], &draft)
    }
    if !state.containers.hasStarted(own), state.memberships(in: slots) != host?.initialMemberships {
      state.containers.start(own)
    }
  }

  private mutating func endSetUp(
    of index: TaskTable.Index, _ label: ContainerTable.Label, _ draft: inout EventDraft
  ) {
    let tid = state.tasks[index].tid
    relabel(index, label, leavesSession: true, &draft)
    draft.endSession(opid: tid, SessionRecord.Way(.exec))
    tellAssignments(opid: tid, &draft)
  }
}
