// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The registrations of a keeper that nothing needs any more.
///
/// A container can be joined again and again while it lives, by a health check for instance. Of the
/// registrations that no task has only the first is needed, for name, owners and age.
struct SpentRegistrations {
  private let uses: RegistrationUses
  private(set) var numbers: [UInt32] = []

  /// - Parameters:
  ///   - kept: all registrations, by number.
  ///   - uses: by the records so far.
  init(among kept: [KeptRegistration], _ uses: RegistrationUses) {
    self.uses = uses
    let known = kept.filter { !uses.passedOver.contains($0.number) }
    let (living, ended) = (known.filter { isLiving($0) }, known.filter { !isLiving($0) })
    numbers =
      ended.map(\.number) + Self.joins(among: living, kept).filter { !uses.carried.contains($0) }
  }

  private func isLiving(_ kept: KeptRegistration) -> Bool {
    uses.living.contains(kept.id) || uses.carried.contains(kept.number)
  }

  /// The numbers but the first of each container, and those that another registration goes back to.
  private static func joins(
    among living: [KeptRegistration], _ all: [KeptRegistration]
  ) -> [UInt32] {
    let previous = Set(all.map(\.record.previous))
    var begun: Set<Beginning> = []
    return living.filter { kept in
      let isFirst = begun.insert(Beginning(id: kept.id, isTag: kept.isTakenOnEntry)).inserted
      return !isFirst && !previous.contains(kept.number)
    }.map(\.number)
  }

  /// A container keeps the tag that one of its registrations has given it (T10).
  private struct Beginning: Hashable {
    var id: ContainerID
    var isTag: Bool
  }
}

extension KeptRegistration {
  fileprivate var id: ContainerID {
    ContainerID(high: record.contid_high, low: record.contid_low)
  }

  fileprivate var isTakenOnEntry: Bool { Int32(record.flags) & NST_REGISTER_ON_ENTRY != 0 }
}
