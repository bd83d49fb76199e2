// SPDX-License-Identifier: Apache-2.0

/// The tasks that carry the number of a registration whose record has not come yet: they were born
/// with it meanwhile. The record finds them here, and not among all tasks.
struct EarlyTasks {
  /// Some may have ended since.
  private var tids: [UInt32: [UInt32]] = [:]
  /// The number of entries.
  private var count = 0

  var isEmpty: Bool { tids.isEmpty }

  /// The tasks that carried a number when they were noted.
  subscript(number: UInt32) -> [UInt32] { tids[number] ?? [] }

  mutating func note(_ tid: UInt32, carrying number: UInt32) {
    tids[number, default: []].append(tid)
    count += 1
  }

  mutating func remove(_ number: UInt32) {
    count -= tids.removeValue(forKey: number)?.count ?? 0
  }

  /// Whether most entries may be of tasks that have ended, if there are so many tasks.
  func isStale(among tasks: Int) -> Bool { count > 1024 + 2 * tasks }

  /// Keeps each task once, and those for which `isLive` is true.
  mutating func keep(where isLive: (_ tid: UInt32, _ number: UInt32) -> Bool) {
    count = 0
    for (number, old) in tids {
      let live = Set(old.filter { isLive($0, number) })
      tids[number] = live.isEmpty ? nil : Array(live)
      count += live.count
    }
  }
}
