// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import NSTrace

/// What sees the system calls that are about namespaces.
public enum HookTier: String, CaseIterable, Sendable {
  /// fexit programs where the kernel allows all of them, or else tracepoints.
  case auto
  /// fexit programs: they leave other system calls on their fast path, and see compat ones at once.
  case fentry
  /// The system calls' tracepoints, which put every task onto the slow path.
  case tracepoint
  /// The return of every system call: compat ones are seen at once, too, and every call of every task
  /// takes longer.
  case sysExit = "sys_exit"

  var raw: nst_tier {
    switch self {
    case .auto: NST_TIER_AUTO
    case .fentry: NST_TIER_FENTRY
    case .tracepoint: NST_TIER_TRACEPOINT
    case .sysExit: NST_TIER_SYS_EXIT
    }
  }
}
