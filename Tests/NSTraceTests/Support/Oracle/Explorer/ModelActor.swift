// SPDX-License-Identifier: Apache-2.0

/// The actors among which a world's scheduler chooses.
enum ModelActor: Hashable {
  case task(Int)
  /// The tracer's source.
  case source
}

/// The actors in the order of their steps.
typealias Schedule = [ModelActor]
