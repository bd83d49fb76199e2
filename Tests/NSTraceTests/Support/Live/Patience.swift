// SPDX-License-Identifier: Apache-2.0

/// How long a test waits for a condition before it fails. Nothing that works takes so long, on a machine
/// with 20 busy processes a core either (`make test-busy`).
enum Patience {
  static let seconds = 600
  static let milliseconds: Int32 = 600_000
  static var end: ContinuousClock.Instant { .now + .seconds(seconds) }
}
