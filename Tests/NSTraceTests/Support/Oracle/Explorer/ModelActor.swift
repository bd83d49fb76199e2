// SPDX-License-Identifier: Apache-2.0

/// What the scheduler of a world chooses among.
enum ModelActor: Hashable {
  case task(Int)
  /// The tracer's source.
  case source
}

/// In which order they take their steps.
typealias Schedule = [ModelActor]
