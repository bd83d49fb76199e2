// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// What a filter finds of an event as a whole, for each of its records.
struct EventScope {
  /// Whether the actor is of a process that was chosen.
  let isActor: Bool
  /// The sessions that are inside a container that was chosen: what an intruder does in a container belongs to
  /// the container, too (T4).
  let inside: Sessions
  /// The sessions that are inside a container that is left out.
  let left: Sessions
  /// The sessions that have entered a container that was chosen for that.
  let entered: Sessions
  /// The sessions that have entered a container that is left out for that.
  let leftEntered: Sessions
  /// Whether the actor is in a session of `inside`.
  let isIntruder: Bool
  /// Whether the actor is in a session of `entered`.
  let hasEntered: Bool
  /// Whether all its records are left out, because of its actor.
  let isLeftOut: Bool

  /// Numbers of sessions: mostly none.
  struct Sessions {
    private var numbers: [UInt32] = []

    init(of event: borrowing AuditEvent, inside containers: ContainerChoice) {
      if containers.isEmpty { return }
      for visit in event.visits where containers.names(visit.containers) {
        numbers.append(visit.session)
      }
    }

    func has(_ session: UInt32?) -> Bool {
      guard !numbers.isEmpty, let session else { return false }
      return numbers.contains(session)
    }
  }

  init(of event: borrowing AuditEvent, in filter: RecordFilter) {
    let task = event.subject?.task
    isActor = filter.pids.names(task?.tgid) || filter.pids.names(task?.tid)
    inside = Sessions(of: event, inside: filter.containers)
    left = Sessions(of: event, inside: filter.excludedContainers)
    entered = Sessions(of: event, inside: filter.entered)
    leftEntered = Sessions(of: event, inside: filter.excludedEntered)
    let session = event.actorSession
    isIntruder = inside.has(session)
    hasEntered = entered.has(session)
    isLeftOut =
      left.has(session) || leftEntered.has(session) || filter.pids.excludes(task?.tgid)
      || filter.pids.excludes(task?.tid)
  }
}
