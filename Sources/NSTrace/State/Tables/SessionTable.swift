// SPDX-License-Identifier: Apache-2.0

/// The container sessions (T4, Grubb). A task that enters a container's namespace from outside has
/// a session of its own from then on, and its children inherit it.
///
/// A session is a number from 1, never given twice in a run, and the containers whose namespace was
/// entered. It is part of the sets that tasks share, and is forgotten with the last set that has
/// it.
struct SessionTable {
  typealias Number = UInt32

  private struct Session {
    var entered: ContainerList
    /// The number of sets with it.
    var sets = 0
  }

  private var sessions: [Number: Session] = [:]
  private var last: Number = 0

  /// The number of sessions.
  var count: Int { sessions.count }

  /// The containers that were entered; empty where there is no such session.
  subscript(number: Number) -> ContainerList { sessions[number]?.entered ?? ContainerList() }

  /// A new session without users.
  mutating func begin(entering containers: ContainerList) -> Number {
    last &+= 1
    sessions[last] = Session(entered: containers)
    return last
  }

  /// Counts one more set with the session.
  mutating func addUser(_ number: Number) {
    if number != 0 { sessions[number]?.sets += 1 }
  }

  /// Counts one set fewer.
  mutating func removeUser(_ number: Number) {
    if number == 0 { return }
    sessions[number]?.sets -= 1
    if sessions[number]?.sets == 0 { sessions[number] = nil }
  }
}
