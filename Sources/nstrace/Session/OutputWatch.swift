// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Says once when an output begins to fail, and once when it works again.
struct OutputWatch {
  private var isFailing = false
  /// How many records were missing when it last worked.
  private var missing: UInt64 = 0

  /// Looks at an output.
  /// - Parameter name: its name in messages.
  mutating func look(at name: String, _ state: OutputState) {
    let wasFailing = isFailing
    isFailing = state.failure != nil || state.hasGap
    if isFailing {
      if !wasFailing { Diagnostics.warn(Self.beginning(of: name, state.failure)) }
    } else if wasFailing || state.missing > missing {
      let count = Self.count(state.missing - missing)
      Diagnostics.warn("\(name) takes records again: \(count) left out")
      missing = state.missing
    }
  }

  /// Says what becomes of a container's copy.
  static func say(_ notice: RouteNotice) {
    switch notice {
    case .fails(let name, nil): Diagnostics.warn(beginning(of: "the copy \(name)", nil))
    case .fails(let name, let failure?):
      Diagnostics.warn("\(failure): the copy \(name) leaves records out")
    case .ends(let name, let failure): Diagnostics.warn("\(failure): the copy \(name) ends here")
    case .goesOn(let name, let leftOut):
      Diagnostics.warn("the copy \(name) takes records again: \(count(leftOut)) left out")
    }
  }

  private static func beginning(of name: String, _ failure: SystemError?) -> String {
    guard let failure else { return "\(name) is not read in time: records are left out" }
    return "\(failure): records wait for room, and are left out where too many wait"
  }

  private static func count(_ records: UInt64) -> String {
    switch records {
    case 0: "no record is"
    case 1: "1 record is"
    default: "\(records) records are"
    }
  }
}
