// SPDX-License-Identifier: Apache-2.0

/// Task ids, as the kernel gives them out.
enum TaskNumber {
  /// No task has this id or a greater one (PID_MAX_LIMIT in include/linux/threads.h).
  static let limit: UInt32 = 1 << 22
}
