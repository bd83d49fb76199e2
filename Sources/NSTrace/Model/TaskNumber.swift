// SPDX-License-Identifier: Apache-2.0

/// The range of the kernel's task ids.
enum TaskNumber {
  /// No task has this id or a greater one (PID_MAX_LIMIT in include/linux/threads.h).
  static let limit: UInt32 = 1 << 22
}
