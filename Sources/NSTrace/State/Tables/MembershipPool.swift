// SPDX-License-Identifier: Apache-2.0

/// What tasks belong to, each once, with the number of its users. Number 0 is the host's: nothing.
struct MembershipPool {
  private struct Entry {
    var membership: [ContainerMention]
    var users: Int
  }

  private var entries: [UInt32: Entry] = [:]
  private var numbers: [[ContainerMention]: UInt32] = [:]
  private var last: UInt32 = 0

  subscript(number: UInt32) -> [ContainerMention] { entries[number]?.membership ?? [] }

  /// Counts one user more.
  /// - Returns: the number.
  mutating func retain(_ membership: [ContainerMention]) -> UInt32 {
    if membership.isEmpty { return 0 }
    let number = numbers[membership] ?? add(membership)
    entries[number]?.users += 1
    return number
  }

  private mutating func add(_ membership: [ContainerMention]) -> UInt32 {
    repeat { last &+= 1 } while last == 0 || entries[last] != nil
    entries[last] = Entry(membership: membership, users: 0)
    numbers[membership] = last
    return last
  }

  /// Counts one user fewer. One without users is forgotten.
  mutating func release(_ number: UInt32) {
    guard number != 0, var entry = entries[number] else { return }
    entry.users -= 1
    entries[number] = entry.users > 0 ? entry : nil
    if entry.users == 0 { numbers[entry.membership] = nil }
  }
}
