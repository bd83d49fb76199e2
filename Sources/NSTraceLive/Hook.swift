// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// A function or tracepoint of the kernel that nstrace attaches to.
public struct Hook: Sendable {
  /// The hook's bit, NST_HOOK_*.
  public let bit: UInt32
  /// The hook's name in messages.
  public let name: String
  /// What is not seen without the hook; nil: nothing can be traced without it.
  public let loss: String?

  /// The names of the hooks in a mask, in the order of `all`.
  static func names(_ bits: UInt32) -> [String] {
    all.filter { bits & $0.bit != 0 }.map(\.name)
  }

  /// All hooks that a message can name.
  public static let all: [Hook] = [
    Hook(bit: UInt32(NST_HOOK_NEWTASK), name: "task_newtask", loss: nil),
    Hook(bit: UInt32(NST_HOOK_EXEC), name: "sched_process_exec", loss: nil),
    Hook(bit: UInt32(NST_HOOK_EXIT), name: "sched_process_exit", loss: nil),
    Hook(bit: UInt32(NST_HOOK_SNAPSHOT), name: "iter/task", loss: nil),
    Hook(
      bit: UInt32(NST_HOOK_UNSHARE), name: "sys_exit_unshare",
      loss: "an unshare is seen only at the task's next fork, exec or exit (op=late)"),
    Hook(
      bit: UInt32(NST_HOOK_SETNS), name: "sys_exit_setns",
      loss: "a setns is seen only then"),
    Hook(
      bit: UInt32(NST_HOOK_CLONE), name: "sys_exit_clone",
      loss: "a clone that the kernel refuses is not seen"),
    Hook(
      bit: UInt32(NST_HOOK_CLONE3), name: "sys_exit_clone3",
      loss: "a clone3 that the kernel refuses is not seen"),
    Hook(
      bit: UInt32(NST_HOOK_SYS_EXIT), name: "sys_exit",
      loss: "an unshare or setns is seen only at the task's next fork, exec or exit (op=late)"),
    Hook(
      bit: UInt32(NST_HOOK_FEXIT_UNSHARE), name: "ksys_unshare",
      loss: "an unshare is seen only at the task's next fork, exec or exit (op=late)"),
    Hook(
      bit: UInt32(NST_HOOK_FEXIT_SETNS), name: "__x64_sys_setns",
      loss: "a setns is seen only then"),
    Hook(
      bit: UInt32(NST_HOOK_FEXIT_SETNS_COMPAT), name: "__ia32_sys_setns",
      loss: "a setns by a 32-bit call is seen only then"),
    Hook(
      bit: UInt32(NST_HOOK_FEXIT_CLONE), name: "kernel_clone",
      loss: "a clone or clone3 that the kernel refuses is not seen"),
    Hook(
      bit: UInt32(NST_HOOK_FREED), name: "proc_free_inum",
      loss: "whether a namespace lives on is not known (pinned=?)"),
    Hook(
      bit: UInt32(NST_HOOK_CGROUP_MKDIR), name: "cgroup_mkdir",
      loss: "a cgroup made from now on has no path"),
    Hook(
      bit: UInt32(NST_HOOK_CGROUP_RMDIR), name: "cgroup_rmdir",
      loss: "a cgroup that is gone is remembered for a while"),
    Hook(
      bit: UInt32(NST_HOOK_CGROUP_RENAME), name: "cgroup_rename",
      loss: "a renamed cgroup keeps its old path"),
    Hook(
      bit: UInt32(NST_HOOK_CGROUP_ATTACH), name: "cgroup_attach_task",
      loss: "a move to another cgroup is seen at the task's next exec or namespace call"),
  ]
}
