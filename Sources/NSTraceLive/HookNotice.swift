// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// A change in how the attached programs run, noticed while a source is read.
public enum HookNotice: Equatable, Sendable {
  /// The kernel has skipped programs; given once.
  case skips
  /// kernel.ftrace_enabled is 0: fexit programs do not run.
  case ftraceIsOff
  case ftraceIsOn
  /// One program at the return of every system call replaces the fexit programs from now on.
  case fallsBack
  /// That program could not be attached.
  case cannotFallBack(SystemError)
  /// The programs' state could not be read; given once.
  case cannotLook
}

extension HookNotice: CustomStringConvertible {
  public var description: String {
    switch self {
    case .skips:
      "this kernel preempts itself and has skipped programs that see system calls: what is missing is "
        + "counted in NS_LOST (cause=skipped); --hooks tracepoint misses none"
    case .ftraceIsOff:
      "kernel.ftrace_enabled is 0, which stops the programs that see unshare, setns and refused clones: "
        + "until it is 1 again, changes are found only at the task's next fork, exec or exit"
    case .ftraceIsOn: "kernel.ftrace_enabled is 1 again: system calls are seen"
    case .fallsBack:
      "system calls are seen at the return of every call from now on, which costs every call a little; "
        + "start again to have tracepoints or fexit programs"
    case .cannotLook:
      "cannot read whether the kernel runs the attached programs: records that it skips are missing "
        + "without a word"
    case .cannotFallBack(let error): "\(error): system calls go on being seen by fexit programs"
    }
  }
}
