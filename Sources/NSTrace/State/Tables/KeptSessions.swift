// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The container sessions that began before the stream did, with the processes that were in them
/// (docs/identity.md).
struct KeptSessions {
  /// What a process was inside.
  struct Visit {
    var session: SessionTable.Number
    /// The slots by which it was inside.
    var slots: SlotSet
  }

  private var sessions: [SessionTable.Number: SessionTable.Session] = [:]
  private var visits: [UInt32: Visit] = [:]
  /// When the last of the visits was read: CLOCK_BOOTTIME, nanoseconds.
  private var readNs: UInt64 = 0

  /// As many as a keeper has.
  private static let limit = Int(NST_KEEPER_SESSIONS)
  /// A process that was born since then has its parent's session: how many births are followed.
  private static let birthLimit = 64

  var isEmpty: Bool { sessions.isEmpty }

  /// By number.
  var sorted: [(number: SessionTable.Number, session: SessionTable.Session)] {
    sessions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  subscript(number: SessionTable.Number) -> SessionTable.Session? { sessions[number] }

  /// Adds a session; the first with a number counts.
  mutating func keep(_ session: SessionTable.Session, as number: SessionTable.Number) {
    if sessions[number] == nil, sessions.count < Self.limit { sessions[number] = session }
  }

  /// Adds a process of a session.
  mutating func note(_ event: nst_inside) {
    guard sessions[event.session] != nil, event.tgid < TaskNumber.limit else { return }
    let all = UInt32(1) << UInt32(NST_SLOTS.rawValue) - 1
    visits[event.tgid] = Visit(session: event.session, slots: SlotSet(lane: event.slots & all))
    readNs = max(readNs, event.hdr.time_ns)
  }

  /// What a task's process was inside; nil: nothing. Where the record of a birth was of no use, because the
  /// parent had not been seen yet, or the child had, the parent is the one that the child reports.
  func visit(of task: TaskTable.Entry, in state: borrowing NamespaceState) -> Visit? {
    var task = task
    for _ in 0..<Self.birthLimit {
      let startNs = state.tasks.find(task.tgid).map { state.tasks[$0].startNs } ?? task.startNs
      if startNs <= readNs { return visits[task.tgid] }
      let forker = task.forker != 0 ? task.forker : state.origin(of: task) ?? 0
      guard let parent = state.tasks.find(forker) else { return nil }
      task = state.tasks[parent]
    }
    return nil
  }
}
