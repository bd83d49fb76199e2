// SPDX-License-Identifier: Apache-2.0

/// How much room a log may take.
package struct LogLimits: Sendable {
  /// The most bytes of a segment; nil: no limit.
  package var segmentBytes: Int?
  /// How many earlier segments are kept.
  package var keep = 4
  /// The bytes that stay free on the file system.
  package var freeBytes = 0
  /// What is done where there is no room.
  package var whenFull = FullAction.ignore

  package init() {}
}
