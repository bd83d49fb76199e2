// SPDX-License-Identifier: Apache-2.0

/// A type of the kernel's audit records, spelled as auditd 3.0.9 writes it behind `type=`.
package struct KernelRecordType: Hashable, Sendable {
  /// AUDIT_* of <linux/audit.h>.
  package var number: UInt16

  package init(_ number: UInt16) { self.number = number }

  /// The type that `SYSCALL`, `UNKNOWN[1394]` or `1394` names; nil: none.
  package init?(spelling: some Collection<UInt8>) {
    if let row = Self.names.first(where: { Self.isSame($0.name, spelling) }) {
      number = row.number
    } else if let number = Self.number(spelling) {
      self.number = number
    } else {
      return nil
    }
  }

  /// The name; nil: auditd has none for it.
  package var name: StaticString? {
    var (low, high) = (0, Self.names.count)
    while low < high {
      let middle = (low + high) / 2
      if Self.names[middle].number < number { low = middle + 1 } else { high = middle }
    }
    guard low < Self.names.count, Self.names[low].number == number else { return nil }
    return Self.names[low].name
  }

  /// Appends its name, or `UNKNOWN[1394]`.
  func append(to text: inout TextBuffer) {
    if let name { return text.append(name) }
    text.append("UNKNOWN[", decimal: UInt64(number))
    text.append("]")
  }

  private static func isSame(_ name: StaticString, _ text: some Collection<UInt8>) -> Bool {
    guard name.utf8CodeUnitCount == text.count else { return false }
    return name.withUTF8Buffer { unsafe $0.elementsEqual(text) }
  }

  private static func number(_ text: some Collection<UInt8>) -> UInt16? {
    guard let rest = text.dropping(prefix: "UNKNOWN[") else { return decimal(text) }
    let digits = rest.prefix(max(rest.count - 1, 0))
    return rest[digits.endIndex...].first == UInt8(ascii: "]") ? decimal(digits) : nil
  }

  private static func decimal(_ text: some Collection<UInt8>) -> UInt16? {
    guard (1...5).contains(text.count) else { return nil }
    var value: UInt32 = 0
    for byte in text {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
    }
    return UInt16(exactly: value)
  }
}

extension KernelRecordType {
  package static let syscall = KernelRecordType(1300)
  package static let execve = KernelRecordType(1309)
  package static let netfilterConfiguration = KernelRecordType(1325)
  package static let promiscuous = KernelRecordType(1700)

  /// Whether user space wrote a part of its text, in `msg='…'`: AUDIT_USER and the ranges of <linux/audit.h>.
  var hasMessage: Bool {
    number == 1005 || (1100...1199).contains(number) || (2100...2999).contains(number)
  }

  /// Whether the kernel writes names into it that a process chose, as they are. Nothing in it is quoted.
  var isRaw: Bool { self == .netfilterConfiguration || self == .promiscuous }
}
