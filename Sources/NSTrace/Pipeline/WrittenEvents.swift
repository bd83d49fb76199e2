// SPDX-License-Identifier: Apache-2.0

/// How many of a run's events have reached its outputs. Both are counted from the first that was ever held.
package struct WrittenEvents: Sendable {
  /// Those that have been made.
  package var made: Int
  /// Those that have been written.
  package var written: Int

  package init(made: Int, written: Int) {
    self.made = made
    self.written = written
  }

  /// Nothing is waited for.
  package static var all: Self { Self(made: 0, written: .max) }
}
