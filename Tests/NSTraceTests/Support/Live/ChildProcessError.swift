// SPDX-License-Identifier: Apache-2.0

/// A failure of a process that a test has started.
enum ChildProcessError: Error {
  case cannotStart(String, errno: Int32)
  case timedOut(String, output: String, errors: String)
}
