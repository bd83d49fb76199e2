// SPDX-License-Identifier: Apache-2.0

/// The number of tasks, or of sets of tasks, that are confined in each way.
struct ConfinementCounts: Equatable {
  /// By `Confinement.code`.
  private var counts = SIMD8<UInt32>()

  mutating func add(_ confinement: Confinement) { counts[Int(confinement.code)] += 1 }

  mutating func remove(_ confinement: Confinement) { counts[Int(confinement.code)] -= 1 }

  mutating func add(_ other: ConfinementCounts) { counts &+= other.counts }

  private func has(_ isIt: (Confinement) -> Bool) -> Bool {
    (0..<Confinement.codes).contains {
      counts[$0] > 0 && isIt(Confinement(code: UInt8($0)))
    }
  }

  var isEmpty: Bool { counts == SIMD8<UInt32>() }

  private var hasUnknown: Bool { has { !$0.isKnown } }

  /// Whether all have no_new_privs; nil: one is not known, and none is known to lack it.
  var allHaveNoNewPrivs: Bool? {
    if has({ $0.isKnown && !$0.hasNoNewPrivs }) { return false }
    return hasUnknown ? nil : true
  }

  /// The lowest seccomp mode; nil: one is not known, and none is known to have none.
  var lowestSeccomp: UInt16? {
    for mode in 0...2 as ClosedRange<UInt16> where has({ $0.isKnown && $0.seccomp == mode }) {
      return mode > 0 && hasUnknown ? nil : mode
    }
    return nil
  }
}

extension ContainerConfinement {
  /// The confinement of all tasks after some have come or gone. An unknown value of one task leaves
  /// the old one.
  func following(_ tasks: ConfinementCounts) -> ContainerConfinement {
    ContainerConfinement(
      hasNoNewPrivs: tasks.allHaveNoNewPrivs ?? hasNoNewPrivs,
      seccomp: tasks.lowestSeccomp ?? seccomp)
  }
}
