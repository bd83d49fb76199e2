// SPDX-License-Identifier: Apache-2.0

/// The container sessions (T4, Grubb): whoever comes into a namespace of a container from outside
/// has one of its own from then on, and so has what it forks.
///
/// A session is a number from 1, never given twice in a run, and the containers whose namespace was
/// entered. It is part of the sets that tasks share; it is forgotten with the last set that has it.
struct SessionTable {
  typealias Number = UInt32

  private struct Session {
    var entered: ContainerList
    /// How many sets of tasks have it.
    var sets = 0
  }

  private var sessions: [Number: Session] = [:]
  private var last: Number = 0

  /// How many there are.
  var count: Int { sessions.count }

  /// The containers that were entered; none where there is no such session.
  subscript(number: Number) -> ContainerList { sessions[number]?.entered ?? ContainerList() }

  /// A new one, unused as yet.
  mutating func begin(entering containers: ContainerList) -> Number {
    last &+= 1
    sessions[last] = Session(entered: containers)
    return last
  }

  /// One set more has it.
  mutating func addUser(_ number: Number) {
    if number != 0 { sessions[number]?.sets += 1 }
  }

  /// One set fewer.
  mutating func removeUser(_ number: Number) {
    if number == 0 { return }
    sessions[number]?.sets -= 1
    if sessions[number]?.sets == 0 { sessions[number] = nil }
  }
}
