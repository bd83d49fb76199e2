// SPDX-License-Identifier: Apache-2.0

/// How many of some tasks, or of sets of them, are confined in each way.
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

  /// Nil: of one it is not known, and none is known to lack it.
  var allHaveNoNewPrivs: Bool? {
    if has({ $0.isKnown && !$0.hasNoNewPrivs }) { return false }
    return hasUnknown ? nil : true
  }

  /// The lowest mode; nil: of one it is not known, and none is known to have none.
  var lowestSeccomp: UInt16? {
    for mode in 0...2 as ClosedRange<UInt16> where has({ $0.isKnown && $0.seccomp == mode }) {
      return mode > 0 && hasUnknown ? nil : mode
    }
    return nil
  }
}

extension ContainerConfinement {
  /// The same after some tasks have come or gone: what is not known of one of them is as it was.
  func following(_ tasks: ConfinementCounts) -> ContainerConfinement {
    ContainerConfinement(
      hasNoNewPrivs: tasks.allHaveNoNewPrivs ?? hasNoNewPrivs,
      seccomp: tasks.lowestSeccomp ?? seccomp)
  }
}
