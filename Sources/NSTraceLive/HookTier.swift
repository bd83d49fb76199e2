// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import NSTrace

/// The programs that see the system calls about namespaces.
public enum HookTier: String, CaseIterable, Sendable {
  /// fexit programs where the kernel allows all of them, else tracepoints.
  case auto
  /// fexit programs. Other system calls stay on their fast path. Compat calls are seen at once.
  case fentry
  /// The tracepoints of the system calls. They put every task onto the slow path.
  case tracepoint
  /// The return of every system call. Compat calls are seen at once. Every call of every task takes
  /// longer.
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
