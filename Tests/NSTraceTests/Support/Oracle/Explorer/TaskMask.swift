// SPDX-License-Identifier: Apache-2.0

/// A set of a world's tasks.
struct TaskMask: OptionSet, Hashable {
  var rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }
  init(_ task: Int) { rawValue = 1 << UInt32(task) }

  func has(_ task: Int) -> Bool { rawValue >> UInt32(task) & 1 != 0 }

  var tasks: [Int] { (0..<TaskName.count).filter(has) }
}
