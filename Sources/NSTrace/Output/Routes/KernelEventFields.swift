// SPDX-License-Identifier: Apache-2.0

/// The fields of the kernel's audit that a container's copy shows.
enum KernelEventFields {
  /// Of the container's own tasks.
  case own
  /// Of a visitor.
  case others

  /// AUDIT_FIRST_KERN_ANOM_MSG and what follows: ANOM_PROMISCUOUS is the first.
  static let anomalies: ClosedRange<UInt16> = 1700...1799

  /// Whether it is known where such a record has untrusted texts: in quotes, in hexadecimal, or in a raw record.
  /// Others are left out, because a text that a process chose could make fields of the host's look like its own.
  static func areKnown(_ type: UInt16) -> Bool { known.contains { $0.contains(type) } }

  private static let known: [ClosedRange<UInt16>] = [
    1005...1006, 1100...1199, 1300...1327, 1400...1599, 1700...1703, 1800...1899, 2100...2999,
  ]

  /// - Parameters:
  ///   - token: a field or a word.
  ///   - type: that of its record.
  func shows(_ token: KernelField, of type: UInt16, in text: Span<UInt8>) -> Bool {
    if token.form == .word || token.form == .message { return self == .own }
    if Self.anomalies.contains(type), Self.isAny(of: Self.device, token, text) { return true }
    if Self.isAny(of: Self.call, token, text) { return true }
    guard self == .own else { return false }
    return Self.isAny(of: Self.task, token, text) || token.isArgument(in: text)
  }

  private static func isAny(
    of names: [StaticString], _ field: KernelField, _ text: Span<UInt8>
  ) -> Bool {
    names.contains { field.isNamed($0, in: text) }
  }

  private static let call: [StaticString] = ["arch", "syscall", "success"]
  /// What became promiscuous: a network device of the container's.
  private static let device: [StaticString] = ["dev", "prom", "old_prom"]
  /// What the task itself knows.
  private static let task: [StaticString] = [
    "exit", "items", "item", "argc", "uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid",
    "comm", "sig", "code", "compat", "ip", "res", "mode", "nametype", "cap_fp", "cap_fi", "cap_fe",
    "cap_fver",
  ]
}
