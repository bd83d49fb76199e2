// SPDX-License-Identifier: Apache-2.0

internal import CBPF
public import NSTrace

/// The tier in use and, if it is not fexit programs, why.
public enum HookTierReason: Equatable, Sendable {
  case fexit
  /// sys_exit, which was asked for.
  case sysExit
  /// Tracepoints, which were asked for.
  case asked
  /// Tracepoints: the kernel does not let fexit programs be attached.
  case refused(SystemError)
  case ftraceIsOff
  /// Tracepoints: the kernel preempts itself and would skip fexit programs.
  case preempts
  /// Tracepoints: the kernel may preempt itself; its mode is not known.
  case mayPreempt

  init(_ status: nst_probe_status) {
    self =
      switch status.reason {
      case NST_TIER_IS_FEXIT: .fexit
      case NST_TIER_IS_SYS_EXIT: .sysExit
      case NST_TIER_ASKED: .asked
      case NST_TIER_FTRACE_OFF: .ftraceIsOff
      case NST_TIER_PREEMPTS: .preempts
      case NST_TIER_MAY_PREEMPT: .mayPreempt
      // NST_TIER_REFUSED: Swift imports a C enum as a number, which may have any value.
      default: .refused(Self.refusal(status))
      }
  }

  private static func refusal(_ status: nst_probe_status) -> SystemError {
    let names = Hook.names(status.fentry_missing).joined(separator: ", ")
    return SystemError("attach to \(names)", errno: status.fentry_error)
  }

  private var explanation: String? {
    switch self {
    case .fexit, .sysExit, .asked: nil
    case .refused(let error): "\(error)"
    case .ftraceIsOff: "kernel.ftrace_enabled is 0"
    case .preempts: "this kernel preempts itself, and would skip fexit programs"
    case .mayPreempt:
      "whether this kernel preempts itself cannot be read from sched/preempt in debugfs"
    }
  }
}

extension HookTierReason: CustomStringConvertible {
  public var description: String {
    let seen = "system calls are seen \(place)"
    return explanation.map { "\($0): \(seen)" } ?? seen
  }

  private var place: String {
    switch self {
    case .fexit: "by fexit programs"
    case .sysExit: "at the return of every call"
    case .asked, .refused, .ftraceIsOff, .preempts, .mayPreempt: "by tracepoints"
    }
  }
}
