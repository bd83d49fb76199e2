// SPDX-License-Identifier: Apache-2.0

/// What becomes of a container's copy, for the user.
package enum RouteNotice: Equatable {
  /// It leaves records out.
  case fails(name: String, SystemError?)
  /// Its reader has gone: it ends.
  case ends(name: String, SystemError)
  /// It goes on; so many records were left out.
  case goesOn(name: String, leftOut: UInt64)

  /// What has been said of one copy.
  struct Told {
    private var isFailing = false
    private var missing: UInt64 = 0
    private var hasEnded = false

    mutating func notice(of name: String, _ state: OutputState) -> RouteNotice? {
      if let failure = state.failure, state.isClosed {
        defer { hasEnded = true }
        return hasEnded ? nil : .ends(name: name, failure)
      }
      let wasFailing = isFailing
      isFailing = state.failure != nil || state.hasGap
      if isFailing { return wasFailing ? nil : .fails(name: name, state.failure) }
      guard wasFailing || state.missing > missing else { return nil }
      defer { missing = state.missing }
      return .goesOn(name: name, leftOut: state.missing - missing)
    }
  }
}
