// SPDX-License-Identifier: Apache-2.0

/// What went wrong with a process that a test started.
enum ChildProcessError: Error {
  case cannotStart(String, errno: Int32)
  case timedOut(String, output: String, errors: String)
}
