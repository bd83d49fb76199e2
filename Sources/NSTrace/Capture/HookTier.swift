// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// What sees the system calls that are about namespaces.
public enum HookTier: String, CaseIterable, Sendable {
  /// fexit programs where the kernel allows all of them, or else tracepoints.
  case auto
  /// fexit programs: they leave other system calls on their fast path, and see compat ones at once.
  case fentry
  /// The system calls' tracepoints, which put every task onto the slow path.
  case tracepoint

  var raw: nst_tier {
    switch self {
    case .auto: NST_TIER_AUTO
    case .fentry: NST_TIER_FENTRY
    case .tracepoint: NST_TIER_TRACEPOINT
    }
  }
}
