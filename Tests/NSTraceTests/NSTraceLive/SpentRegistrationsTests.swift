// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

@testable import NSTraceLive

/// What a keeper may forget.
@Suite struct SpentRegistrationsTests {
  private static func kept(
    _ number: UInt32, _ id: UInt64, after previous: UInt32 = 0, flags: Int32 = 0
  ) -> KeptRegistration {
    var record = nst_kept()
    (record.container, record.contid_low, record.previous) = (number, id, previous)
    record.flags = UInt16(flags)
    return KeptRegistration(record, name: [])
  }

  private static func spent(
    _ kept: [KeptRegistration], living: [UInt64] = [], carried: Set<UInt32> = [],
    passedOver: Set<UInt32> = []
  ) -> [UInt32] {
    var uses = RegistrationUses()
    uses.living = Set(living.map { ContainerID(high: 0, low: $0) })
    (uses.carried, uses.passedOver) = (carried, passedOver)
    return SpentRegistrations(among: kept, uses).numbers
  }

  @Test func `all of a container that has ended`() {
    let kept = [Self.kept(1, 7), Self.kept(2, 8), Self.kept(3, 7)]
    #expect(Self.spent(kept, living: [8]) == [1, 3])
    #expect(Self.spent(kept, living: [7, 8], carried: [1, 2, 3]) == [])
  }

  @Test func `none that a task carries, whatever container the tracker has it in`() {
    #expect(Self.spent([Self.kept(1, 7)], carried: [1]) == [])
  }

  @Test func `of one that lives all that no task carries, but the first`() {
    let kept = (1...5).map { Self.kept($0, 7) }
    #expect(Self.spent(kept, living: [7], carried: [3]) == [2, 4, 5])
  }

  @Test func `none that another one goes back to`() {
    let kept = [Self.kept(1, 7), Self.kept(2, 7), Self.kept(3, 8, after: 2)]
    #expect(Self.spent(kept, living: [7, 8], carried: [3]) == [])
    #expect(Self.spent(kept, living: [7]) == [3])
    #expect(Self.spent(Array(kept.dropLast()), living: [7]) == [2])
  }

  @Test func `none that alone says that the ID is taken on entry`() {
    let kept = [
      Self.kept(1, 7), Self.kept(2, 7, flags: NST_REGISTER_ON_ENTRY),
      Self.kept(3, 7, flags: NST_REGISTER_ON_ENTRY),
    ]
    #expect(Self.spent(kept, living: [7]) == [3])
  }

  @Test func `none that the tracker has passed over`() {
    let kept = [Self.kept(1, 7), Self.kept(2, 8), Self.kept(3, 8)]
    #expect(Self.spent(kept, living: [8], passedOver: [1, 3]) == [])
  }
}
