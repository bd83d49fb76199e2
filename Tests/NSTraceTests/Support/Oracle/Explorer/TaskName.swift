// SPDX-License-Identifier: Apache-2.0

/// One of the few tasks of a world. `init` is the host's first; it never moves and does nothing.
struct TaskName: Hashable, CustomStringConvertible {
  var index: Int

  static let host = TaskName(index: 0)
  static let p = TaskName(index: 1)
  static let q = TaskName(index: 2)
  static let r = TaskName(index: 3)
  static let s = TaskName(index: 4)
  static let c = TaskName(index: 5)
  static let d = TaskName(index: 6)
  static let e = TaskName(index: 7)

  /// The most tasks of a world.
  static let count = 16

  var tid: UInt32 { index == 0 ? 1 : UInt32(index) * 10 }

  init(index: Int) { self.index = index }

  init?(tid: UInt32) {
    guard tid == 1 || (tid % 10 == 0 && tid > 0) else { return nil }
    index = Int(tid / 10)
    guard index < Self.count else { return nil }
  }

  var description: String {
    let names = ["init", "P", "Q", "R", "S", "C", "D", "E"]
    return index < names.count ? names[index] : "T\(index)"
  }
}
