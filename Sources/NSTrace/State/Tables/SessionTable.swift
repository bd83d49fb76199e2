// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The container sessions (T4, Grubb). A task that enters a container's namespace from outside has
/// a session of its own from then on, and its children inherit it.
///
/// A session is a number, never given twice in a run, nor in a boot with a keeper, and the containers
/// whose namespaces were entered. It is part of the sets that tasks share, and ends with the last set that has it.
struct SessionTable {
  typealias Number = UInt32

  struct Session {
    /// The containers, by ID.
    var containers: ContainerList
    /// The task that came in, as it was then.
    var entrant: EventActor?
    var exe: [UInt8] = []
    var exeMarks: ProgramMarks = []
    /// The container of its cgroup that the task was setting up when it came in; nil: none; unset: not known
    /// yet, because a keeper only has that there was one.
    var settingUp: ContainerID?
    /// The containers' names, in their order.
    var names: [[UInt8]] = []
    /// How it came in.
    var way = SessionRecord.Way(nil)
    /// The tid of the task that came in.
    var opid: UInt32 = 0
    /// CLOCK_BOOTTIME, nanoseconds.
    var beganNs: UInt64 = 0
    /// The number of sets with it.
    fileprivate(set) var sets = 0
  }

  /// A session without tasks.
  struct Ended {
    var number: Number
    var session: Session
  }

  /// A container that sessions are inside. It may have ended.
  struct Visited {
    var name: [UInt8]
    /// When it began: CLOCK_BOOTTIME, nanoseconds.
    var sinceNs: UInt64
    fileprivate(set) var sessions = 0
  }

  private var sessions: [Number: Session] = [:]
  /// The highest number that was given.
  private(set) var last: Number = 0
  /// Raised by each change of what sessions there are, and of which sets they have.
  private(set) var changes: UInt64 = 0
  /// The containers that sessions are inside by each namespace: those that they entered, and those
  /// that they made from them.
  private var places: [NamespaceTable.Index: Arrivals<ContainerID>] = [:]
  private var visited: [ContainerID: Visited] = [:]

  /// The number of sessions.
  var count: Int { sessions.count }

  var isEmpty: Bool { sessions.isEmpty }

  subscript(number: Number) -> Session? { sessions[number] }

  /// The containers that a session is inside; empty where there is no such session.
  func containers(of number: Number) -> ContainerList {
    sessions[number]?.containers ?? ContainerList()
  }

  /// What a session is inside; nil: there is no such session.
  func visit(_ number: Number) -> ContainerVisit? {
    sessions[number].map { ContainerVisit(session: number, containers: $0.containers) }
  }

  /// The first `limit` containers that sessions are inside by a namespace, in the order in which they
  /// came.
  func containers(in namespace: NamespaceTable.Index, limit: Int) -> [ContainerID] {
    places[namespace]?.first(limit) ?? []
  }

  /// Each namespace with the containers that sessions are inside by it.
  var allPlaces: [NamespaceTable.Index: [ContainerID]] {
    places.mapValues { $0.first(.max) }
  }

  /// The containers that sessions are inside, by ID.
  var visitedContainers: [ContainerID: Visited] { visited }

  /// The sessions, by number.
  var sorted: [(number: Number, session: Session)] {
    sessions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Gives no number up to this one any more: earlier tracers have.
  mutating func skip(through number: Number) { last = max(last, number) }

  /// Adds a session that began before the stream did, without users.
  mutating func resume(_ session: Session, as number: Number) { sessions[number] = session }

  /// Notes that a task has another session than before.
  mutating func noteMove() { changes &+= 1 }

  /// A new session without users.
  mutating func begin(_ session: Session) -> Number {
    repeat { last &+= 1 } while last == 0 || isTaken(last)
    sessions[last] = session
    return last
  }

  /// Whether a session has this number, or another one that is the same in a keeper's words. With as many
  /// sessions as there are words one is.
  private func isTaken(_ number: Number) -> Bool {
    if sessions[number] != nil { return true }
    let bits = Number(NST_VISIT_SESSION_BITS)
    let low = number & (1 << bits - 1)
    guard last > low, sessions.count < 1 << bits else { return false }
    return (0...last >> bits).contains { sessions[$0 << bits | low] != nil }
  }

  /// Counts one more session that is inside a container, and remembers the container: it may end before
  /// the session does.
  /// - Returns: its name.
  mutating func visit(_ id: ContainerID, name: [UInt8]?, sinceNs: UInt64) -> [UInt8] {
    var container = visited[id] ?? Visited(name: name ?? [], sinceNs: sinceNs)
    if let name { container.name = name }
    container.sessions += 1
    visited[id] = container
    return container.name
  }

  /// Counts one more set with a session.
  mutating func addUser(_ slots: SetTable.Slots) {
    let number = slots[SetTable.sessionLane]
    guard number != 0, let session = sessions[number] else { return }
    sessions[number]?.sets += 1
    changes &+= 1
    for slot in slots.inside {
      for element in session.containers.elements {
        _ = places[slots[slot.rawValue], default: Arrivals()].add(element.id)
      }
    }
  }

  /// Counts one set fewer.
  /// - Returns: the session, if it was the last.
  mutating func removeUser(_ slots: SetTable.Slots) -> Ended? {
    let number = slots[SetTable.sessionLane]
    guard number != 0, let session = sessions[number] else { return nil }
    changes &+= 1
    for slot in slots.inside { leave(slots[slot.rawValue], session.containers) }
    sessions[number]?.sets -= 1
    guard sessions[number]?.sets == 0 else { return nil }
    sessions[number] = nil
    for element in session.containers.elements { forget(element.id) }
    return Ended(number: number, session: session)
  }

  private mutating func leave(_ namespace: NamespaceTable.Index, _ containers: ContainerList) {
    for element in containers.elements { _ = places[namespace]?.remove(element.id) }
    if places[namespace]?.isEmpty == true { places[namespace] = nil }
  }

  private mutating func forget(_ id: ContainerID) {
    visited[id]?.sessions -= 1
    if visited[id]?.sessions == 0 { visited[id] = nil }
  }
}
