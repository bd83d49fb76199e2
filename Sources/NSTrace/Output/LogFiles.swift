// SPDX-License-Identifier: Apache-2.0

/// The names of a log and its earlier segments: LOG, LOG.1 (the last one before it), LOG.2 and so on.
///
/// What has to do with names is forbidden in the sandbox. Therefore it is done elsewhere.
package protocol LogFiles {
  /// Opens the file that has the log's name now, or a new one.
  /// - Throws: `SystemError`.
  func reopen() throws(SystemError) -> FileDescriptor

  /// Gives each segment its next name, removes those that are not kept, and opens a new file.
  /// - Throws: `SystemError`.
  func rotate() throws(SystemError) -> FileDescriptor

  /// Removes the oldest earlier segment.
  /// - Returns: whether there was one.
  /// - Throws: `SystemError`.
  func removeOldest() throws(SystemError) -> Bool
}
