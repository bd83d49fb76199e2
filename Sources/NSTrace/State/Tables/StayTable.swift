// SPDX-License-Identifier: Apache-2.0

/// What tasks that have ended belonged to, and what living ones belonged to before, for as long as
/// audit records of them may still come: the last `limit` stays.
///
/// A stay is the time in which a task was in the same containers and the same session. Those of the
/// host are remembered as well, because a later task may have the number.
struct StayTable: ~Copyable {
  /// What the records say of a task: its containers, and what its session is inside.
  typealias Membership = [ContainerMention]

  struct Stay: BitwiseCopyable {
    var tid: UInt32 = 0
    var tgid: UInt32 = 0
    /// When the task started: CLOCK_BOOTTIME, nanoseconds.
    var startNs: UInt64 = 0
    var fromNs: UInt64 = 0
    var untilNs: UInt64 = 0
    /// The number of its membership; 0: the host's.
    var membership: UInt32 = 0
    /// The number of the previous stay of the same process; 0: none.
    var previous: UInt64 = 0
  }

  /// 13 MiB in all.
  static var defaultLimit: Int { 1 << 18 }

  /// The most stays that are remembered; 0: none.
  private(set) var limit = 0
  /// The number of the next stay, from 1. Stay n stands in row n modulo `limit`.
  private var next: UInt64 = 1
  private var stays = Rows<Stay>()
  /// The number of the last stay of each process, by tgid.
  private var heads = Rows<UInt64>()
  private var memberships = MembershipPool()

  /// Whether stays are remembered.
  var isOn: Bool { limit > 0 }

  /// Begins to remember.
  mutating func begin(limit: Int = Self.defaultLimit) {
    if self.limit == 0 { self.limit = limit }
  }

  /// Remembers a stay. The oldest makes room.
  /// - Parameters:
  ///   - fromNs: when the task came into what it belongs to: CLOCK_BOOTTIME, nanoseconds.
  ///   - untilNs: when it ended, or came into something else.
  mutating func add(
    _ task: TaskTable.Entry, from fromNs: UInt64, until untilNs: UInt64, _ membership: Membership
  ) {
    guard isOn, task.tgid < TaskNumber.limit else { return }
    var stay = Stay(
      tid: task.tid, tgid: task.tgid, startNs: task.startNs, fromNs: fromNs, untilNs: untilNs)
    stay.membership = memberships.retain(membership)
    heads.reach(Int(task.tgid), filling: 0, within: Int(TaskNumber.limit))
    stay.previous = heads[Int(task.tgid)]
    heads[Int(task.tgid)] = next
    put(stay)
  }

  private mutating func put(_ stay: Stay) {
    let row = Int(next % UInt64(limit))
    stays.reach(row, filling: Stay(), within: limit)
    memberships.release(stays[row].membership)
    stays[row] = stay
    next += 1
  }

  /// The membership of a stay.
  func membership(of stay: Stay) -> Membership { memberships[stay.membership] }

  /// How far the ends of a process's stays may be out of order: nanoseconds. A report that explains
  /// another one comes before older ones.
  private static var disorderNs: UInt64 { 20_000_000 }

  /// Hands over the stays of a process that may have lasted until `timeNs`, the last first. Earlier ones
  /// are not looked at, because a process can make as many as there is room for.
  func forEach(of tgid: UInt32, lasting timeNs: UInt64, _ body: (Stay) -> Void) {
    guard isOn, tgid < heads.count else { return }
    var number = heads[Int(tgid)]
    while number != 0, number + UInt64(limit) >= next {
      let stay = stays[Int(number % UInt64(limit))]
      if stay.untilNs &+ Self.disorderNs < timeNs { return }
      body(stay)
      number = stay.previous
    }
  }
}
