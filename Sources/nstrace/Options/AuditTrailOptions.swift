// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

/// Which records go into the kernel's audit trail.
struct AuditTrailOptions: ParsableArguments {
  @Flag(help: "Send container records to the kernel's audit, too.")
  var toAudit = false

  @Option(
    help: ArgumentHelp("Send records of these types, too.", valueName: "type,..."),
    transform: parse)
  var toAuditAlso: [[RecordType]] = []

  @Option(
    help: ArgumentHelp("The type of the messages (default: 2690).", valueName: "number"))
  var toAuditType: UInt16?

  @Option(
    help: ArgumentHelp("The most messages a second (default: 50).", valueName: "number"))
  var toAuditRate: Int?

  private static func parse(_ argument: String) throws -> [RecordType] {
    try argument.split(separator: ",", omittingEmptySubsequences: false).map { name in
      if let type = AuditMessageFormat.others.first(where: { "\($0.name)" == name }) { return type }
      let names = AuditMessageFormat.others.map { "\($0.name)" }.joined(separator: ", ")
      throw ValidationError("--to-audit-also takes \(names): not '\(name)'")
    }
  }

  /// The types of `--to-audit-also`, each once.
  private var others: [RecordType] {
    let asked = Set(toAuditAlso.joined())
    return AuditMessageFormat.others.filter(asked.contains)
  }

  /// The user messages of audit that libaudit has no names for end with 2999. Those from 1100 to 1199 mean
  /// logins and the like.
  private static let typesAllowed: ClosedRange<UInt16> = 2100...2999
  private static let ratesAllowed = 1...10_000

  func validate() throws {
    if !toAudit && (!toAuditAlso.isEmpty || toAuditType != nil || toAuditRate != nil) {
      throw ValidationError("--to-audit-also, --to-audit-type and --to-audit-rate need --to-audit")
    }
    guard toAuditType.map(Self.typesAllowed.contains) ?? true else {
      throw ValidationError("--to-audit-type is 2100 to 2999: audit's numbers for user messages")
    }
    guard toAuditRate.map(Self.ratesAllowed.contains) ?? true else {
      throw ValidationError("--to-audit-rate is 1 to 10000 messages a second")
    }
  }

  /// Forks the sender, if there is to be one.
  /// - Throws: `AuditSenderError` or `SystemError` if the kernel's audit takes no messages.
  func open(_ privileges: PrivilegeOptions) throws -> AuditTrail? {
    guard toAudit else { return nil }
    let rate = MessageRate(perSecond: toAuditRate ?? Self.usualRate, at: .now)
    var plan = AuditSenderPlan()
    if let toAuditType { plan.type = toAuditType }
    plan.rate = UInt32(toAuditRate ?? Self.usualRate)
    plan.burst = UInt32(rate.burst)
    plan.names += others.map(\.name)
    plan.user = privileges.user
    plan.isConfined = !privileges.noSandbox
    let sender = try AuditSender.start(plan)
    if sender.isStatusUnknown {
      Diagnostics.warn(
        "whether the kernel's audit is switched on cannot be asked without CAP_AUDIT_CONTROL: "
          + "if it is not, it drops the messages")
    }
    return AuditTrail(sender: sender, types: others, rate: rate)
  }

  private static let usualRate = 50
}
