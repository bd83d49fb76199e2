// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct KernelRecordTypeTests {
  private static func text(_ number: UInt16) -> String {
    var text = TextBuffer()
    KernelRecordType(number).append(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  @Test(arguments: [
    (1005, "USER"), (1112, "USER_LOGIN"), (1300, "SYSCALL"), (1326, "SECCOMP"),
    (1327, "PROCTITLE"), (1400, "AVC"), (2507, "VIRT_MIGRATE_OUT"), (0, "UNKNOWN[0]"),
    (1000, "UNKNOWN[1000]"), (1301, "UNKNOWN[1301]"), (1394, "UNKNOWN[1394]"),
    (1423, "UNKNOWN[1423]"), (2508, "UNKNOWN[2508]"), (65535, "UNKNOWN[65535]"),
  ])
  func `a type is spelled as auditd spells it, and found by that`(
    _ number: UInt16, _ name: String
  ) {
    #expect(Self.text(number) == name)
    #expect(KernelRecordType(spelling: Array(name.utf8))?.number == number)
  }

  @Test func `each name is that of its number, and of no other`() {
    let numbers = KernelRecordType.names.map(\.number)
    #expect(numbers == Set(numbers).sorted())
    #expect(Set(KernelRecordType.names.map { "\($0.name)" }).count == numbers.count)
    for number in numbers {
      #expect(KernelRecordType(spelling: Array(Self.text(number).utf8))?.number == number)
    }
  }

  @Test(arguments: [
    "", "syscall", "SYSCAL", "SYSCALL ", "UNKNOWN[]", "UNKNOWN[", "UNKNOWN[1300", "UNKNOWN[1300]x",
    "UNKNOWN[65536]", "UNKNOWN[-1]", "UNKNOWN[ 1]", "UNKNOWN[000001]", "99999", "+1", "UNKNOWN",
  ])
  func `other text is no type`(_ text: String) {
    #expect(KernelRecordType(spelling: Array(text.utf8)) == nil)
  }

  @Test func `a bare number is one`() {
    #expect(KernelRecordType(spelling: Array("1394".utf8))?.number == 1394)
  }
}
