// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import NSTrace

/// What the sender of audit messages may do, fixed when it starts.
struct AuditSenderPlan {
  /// The type of each message.
  var type: UInt16 = 2690
  /// The most messages a second, and the most at once.
  var rate: UInt32 = 50
  var burst = UInt32(MessageRate.burstMax)
  /// The records that it may send.
  var names: [StaticString] = AuditMessageFormat.usual.map(\.name)
  /// The user that it becomes, with CAP_AUDIT_WRITE; nil: it stays what it is.
  var user: Account?
  /// What it writes to in place of the kernel's audit, for tests; -1: the kernel's audit.
  var trail: Int32 = -1
  /// Whether it enters a sandbox.
  var isConfined = true

  /// Forks the sender.
  /// - Returns: its pid, or -errno; and the tracer's end of the socket pair.
  func start() -> (pid: pid_t, descriptor: Int32) {
    withPlan { plan in
      var descriptor: Int32 = -1
      let pid = nst_audit_start(plan, &descriptor)
      return (pid, descriptor)
    }
  }

  /// Whether the sender takes this text.
  func takes(_ text: [UInt8]) -> Bool {
    withPlan { plan in
      text.withUnsafeBytes {
        nst_audit_is_text(plan, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) != 0
      }
    }
  }

  private func withPlan<Result>(_ body: (UnsafePointer<nst_audit_plan>) -> Result) -> Result {
    // A literal has a NUL behind it, and stays where it is.
    let names = names.map {
      UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer<CChar>?
    }
    return names.withUnsafeBufferPointer { names in
      (user?.name ?? "").withCString { name in
        var plan = nst_audit_plan(
          type: type, rate: rate, burst: burst, names: names.baseAddress, names_count: names.count,
          user: user == nil ? nil : name, uid: user?.user ?? 0, gid: user?.group ?? 0, trail: trail,
          is_confined: isConfined ? 1 : 0)
        return body(&plan)
      }
    }
  }
}
