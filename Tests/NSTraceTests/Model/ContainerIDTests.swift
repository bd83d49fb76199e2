// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct ContainerIDTests {
  private static let uuid = ContainerID(high: 0x6f1c_6b0e_0001_4abc, low: 0x8def_0123_4567_89ab)

  @Test(arguments: [
    ("0", ContainerID(high: 0, low: 0), "0"),
    ("123456", ContainerID(high: 0, low: 123_456), "123456"),
    ("0042", ContainerID(high: 0, low: 42), "42"),
    ("18446744073709551614", ContainerID(high: 0, low: .max - 1), "18446744073709551614"),
    ("6f1c6b0e-0001-4abc-8def-0123456789ab", uuid, "6f1c6b0e-0001-4abc-8def-0123456789ab"),
    ("6F1C6B0E-0001-4ABC-8DEF-0123456789AB", uuid, "6f1c6b0e-0001-4abc-8def-0123456789ab"),
    ("00000000-0000-0000-0000-00000000002a", ContainerID(high: 0, low: 42), "42"),
    (
      "00000000-0000-0001-0000-000000000000", ContainerID(high: 1, low: 0),
      "00000000-0000-0001-0000-000000000000"
    ),
  ])
  func `a decimal or a UUID is an ID, and is printed as the one it fits`(
    _ text: String, _ id: ContainerID, _ printed: String
  ) {
    #expect(ContainerID(text) == id)
    #expect(id.description == printed)
    #expect(!id.isUnset)
  }

  @Test(arguments: [
    "18446744073709551615", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "00000000-0000-0000-ffff-ffffffffffff",
  ])
  func `all ones mean unset, of 64 bits and of 128`(_ text: String) {
    #expect(ContainerID(text)?.isUnset == true)
  }

  @Test func `unset is printed as -1`() {
    #expect(ContainerID.unset.description == "-1")
    #expect(ContainerList().description == "-1")
  }

  @Test(arguments: [
    "", " ", "-1", "-0", "+5", "5 ", " 5", "5\n", "5\0", "0x5", "1e3", "١٢", "18446744073709551616",
    "99999999999999999999999999", "6f1c6b0e00014abc8def0123456789ab",
    "{6f1c6b0e-0001-4abc-8def-0123456789ab}", "6f1c6b0e-0001-4abc-8def-0123456789a",
    "6f1c6b0e-0001-4abc-8def-0123456789abc", "6f1c6b0e-0001-4abc-8def-0123456789ag",
    "+f1c6b0e-0001-4abc-8def-0123456789ab", "-6f1c6b0-0001-4abc-8def-0123456789ab",
    "6f1c6b0e-0001-4abc8-def-0123456789ab", "6f1c6b0e-0001-4abc-8def-0123456789ab-",
    "6f1c6b0e-0001-4abc-8def-é0123456789", "ffffffff-ffff-ffff-ffff-ffffffffffffffff",
    "5 res=1", "5,6", "^5",
  ])
  func `other text is no ID`(_ text: String) {
    #expect(ContainerID(text) == nil)
  }

  @Test func `IDs are compared as numbers of 128 bits`() {
    let ids = ["9", "10", "00000000-0000-0001-0000-000000000000", "\(Self.uuid)"]
      .compactMap(ContainerID.init)
    #expect(ids.reversed().sorted() == ids)
    #expect(ids.count == 4)
  }
}
