// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import NSTrace

/// Why this machine cannot be traced.
public enum ProbeError: Error, Equatable, Sendable {
  /// The kernel refuses for lack of capabilities.
  case noPermission(errno: Int32)
  case noBTF
  /// The names of the missing tracepoints without which nothing can be traced.
  case noHook([String])
  /// `--hooks fentry`, and no fexit program can be attached to these functions. ENOENT: the kernel
  /// does not have the last one.
  case noFentry([String], errno: Int32)
  /// `--hooks fentry`, and kernel.ftrace_enabled is 0: the fexit programs would not run.
  case ftraceIsOff
  /// lockdown is in confidentiality mode: BPF programs may not read the kernel's memory.
  case lockedDown
  case notInitialPIDNamespace
  /// The process is in a user namespace of its own.
  case notInitialUserNamespace(errno: Int32)
  case notInitialTimeNamespace
  /// The paths of cgroups cannot be read from the process's cgroup namespace.
  case cgroupsHidden(CgroupsHidden)
  /// The kernel refuses to load the programs.
  case cannotLoad(errno: Int32)
  /// The kernel refuses to attach the programs.
  case cannotAttach(hooks: [String], errno: Int32)

  init(_ status: nst_probe_status) {
    let missing = Hook.names(status.missing)
    self =
      switch status.failure {
      case NST_FAILURE_PERMISSION where !Surroundings.isInitialUser:
        .notInitialUserNamespace(errno: status.error_number)
      case NST_FAILURE_PERMISSION: .noPermission(errno: status.error_number)
      case NST_FAILURE_BTF: .noBTF
      case NST_FAILURE_HOOK: .noHook(missing)
      case NST_FAILURE_FENTRY:
        .noFentry(Hook.names(status.fentry_missing), errno: status.fentry_error)
      case NST_FAILURE_FTRACE: .ftraceIsOff
      case NST_FAILURE_LOCKDOWN: .lockedDown
      case NST_FAILURE_PID_NAMESPACE: .notInitialPIDNamespace
      case NST_FAILURE_ATTACH: .cannotAttach(hooks: missing, errno: status.error_number)
      // NST_FAILURE_LOAD: Swift imports a C enum as a number, which may have any value.
      default: .cannotLoad(errno: status.error_number)
      }
  }
}

extension ProbeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noPermission(let errno):
      "the kernel does not let this user trace (\(SystemError.text(errno))): run it as root, "
        + "or with CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH"
    case .noBTF:
      "this kernel has no BTF (/sys/kernel/btf/vmlinux): "
        + "boot one that was built with CONFIG_DEBUG_INFO_BTF=y"
    case .noHook(let names):
      "this kernel has no tracepoint \(names.joined(separator: ", ")), without which tasks cannot "
        + "be followed: nstrace needs Linux 6.1 or later"
    case .noFentry(let names, let errno):
      "this kernel does not let fexit programs be attached to \(names.joined(separator: ", ")) "
        + "(\(SystemError.text(errno))): leave out --hooks fentry, and tracepoints are used"
    case .ftraceIsOff:
      "kernel.ftrace_enabled is 0, and fexit programs do not run: set it (sysctl "
        + "kernel.ftrace_enabled=1), or leave out --hooks fentry, and tracepoints are used"
    case .lockedDown:
      "kernel lockdown is in confidentiality mode and refuses BPF reads of the kernel's memory: boot "
        + "with lockdown=integrity, which allows them, or without lockdown="
    case .notInitialPIDNamespace:
      "nstrace must run in the initial PID namespace, where all tasks can be seen: "
        + "start it on the host, or in a container with --pid=host"
    case .notInitialUserNamespace(let errno):
      "nstrace must run in the initial user namespace, whose root alone may trace "
        + "(\(SystemError.text(errno))): start it on the host, or in a container with --userns=host"
    case .notInitialTimeNamespace:
      "nstrace must run in the initial time namespace, for its clock is held against the kernel's: "
        + "start it on the host, or without a time namespace of its own (unshare -T)"
    case .cgroupsHidden(let hidden): "\(hidden)"
    case .cannotLoad(let errno):
      "the kernel did not take the BPF programs (\(SystemError.text(errno))): "
        + "nstrace needs Linux 6.1 or later; --verbose shows what the kernel said"
    case .cannotAttach(let hooks, let errno):
      "cannot attach to \(hooks.isEmpty ? "the task iterator" : hooks.joined(separator: ", ")) "
        + "(\(SystemError.text(errno))): --verbose shows what the kernel said"
    }
  }
}
