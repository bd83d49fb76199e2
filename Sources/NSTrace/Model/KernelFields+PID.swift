// SPDX-License-Identifier: Apache-2.0

/// The process that a record is about.
extension KernelFields {
  /// The `pid=` that the kernel wrote, a tgid in the initial PID namespace; nil: none.
  ///
  /// Of NETFILTER_CFG that is the last one: it begins with the name of a table, and ANOM_PROMISCUOUS, which has none,
  /// with that of a device. A process chooses these names, and the kernel writes them as they are
  /// (audit_log_nfcfg, __dev_set_promiscuity). Of a type that is not known here nothing is believed.
  package static func pid(of text: Span<UInt8>, type: KernelRecordType) -> UInt32? {
    if type == .netfilterConfiguration { return lastPID(of: text) }
    guard namingProcess.contains(where: { $0.contains(type.number) }) else { return nil }
    var fields = KernelFields(0..<text.count, of: type)
    while let field = fields.next(in: text), field.form != .message {
      if field.isNamed("pid", in: text) { return field.number(in: text) }
    }
    return nil
  }

  /// Messages of user space, of the daemon and LOGIN, which begin with it; SYSCALL, TTY, SECCOMP, security modules,
  /// ANOM_ABEND to ANOM_CREAT and integrity, whose untrusted texts are quoted or encoded.
  private static let namingProcess: [ClosedRange<UInt16>] = [
    1000...1299, 1300...1300, 1319...1319, 1326...1326, 1400...1599, 1701...1703, 1800...1899,
    2100...2999,
  ]

  private static func lastPID(of text: Span<UInt8>) -> UInt32? {
    var last: UInt32?
    var fields = KernelFields(0..<text.count, of: .netfilterConfiguration)
    while let field = fields.next(in: text) {
      if field.isNamed("pid", in: text) { last = field.number(in: text) }
    }
    return last
  }
}
