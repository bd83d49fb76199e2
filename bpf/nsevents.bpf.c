/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side of nstrace: all programs, and what each is attached to. They filter,
 * reserve, fill and submit. User space interprets the records.
 *
 * User space attaches task_exit first, and of the programs for system calls those of one
 * tier (probe.c).
 */
#include "nsevents.h"
#include "cgroups.h"
#include "emit.h"
#include "freed.h"
#include "kernel.h"
#include "lifecycle.h"
#include "read_call.h"
#include "read_cgroup.h"
#include "read_set.h"
#include "registered.h"
#include "registration.h"
#include "reveal.h"
#include "share.h"
#include "snapshot.h"
#include "syscalls.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* --- Cgroups ---------------------------------------------------------------------------------- */

/*
 * A task, or a process with its threads, is in another cgroup. The hook runs under
 * cgroup_threadgroup_rwsem, so no thread is born meanwhile. A thread that was born before
 * and is reported after this is in its parent's cgroups, which are the new ones.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach, struct cgroup *to, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	to = unvouched(to);
	if (!is_reported_hierarchy(to->root->hierarchy_id))
		return 0;
	if (threadgroup)
		emit_attach_process(task, to);
	else
		emit_attach(task);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path)
{
	emit_cgroup(cgroup, path, 0);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup, const char *path)
{
	emit_cgroup(cgroup, path, NST_FLAG_REMOVED);
	return 0;
}

/* Only cgroups of v1 can be renamed. */
SEC("tp_btf/cgroup_rename")
int BPF_PROG(cgroup_renamed, struct cgroup *cgroup, const char *path)
{
	emit_cgroup(cgroup, path, 0);
	return 0;
}

/* --- Lifecycles of tasks ---------------------------------------------------------------------- */

/*
 * A task is born. task_newtask and not sched_process_fork, because it is in
 * copy_process(): io_uring's and vhost's workers (create_io_thread) pass there, too, and
 * it has the flags, also those of clone3. Both run in the parent, before the child runs.
 */
SEC("tp_btf/task_newtask")
int BPF_PROG(task_new, struct task_struct *child, __u64 clone_flags)
{
	struct task_struct *parent = bpf_get_current_task_btf();

	if (child->pid == 0) /* a CPU's idle task */
		return 0;
	reveal();
	if (family_watched)
		attend_birth();
	/* First: a container's ID must not depend on room in the ring. */
	inherit_registration(parent, child);
	/* Before the birth, so that namespaces made at it are made in the child's cgroup. */
	emit_born_elsewhere(parent, child);
	if (share_set(parent, child))
		emit_fork(parent, child);
	else
		emit_clone(parent, child, clone_flags);
	return 0;
}

/*
 * A task has a new program. If a thread that is not the leader has called exec, it has by
 * now the leader's tid and start time; old_pid is the tid that it had.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(task_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	emit_exec(task, old_pid);
	return 0;
}

/*
 * A task ends. The hook runs before exit_task_namespaces(), so nsproxy can still be read.
 * A task stops using its namespaces here, and not when it is reaped.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(task_exit, struct task_struct *task)
{
	emit_exit(task);
	forget_registration(task);
	return 0;
}

/* --- System calls by tracepoints -------------------------------------------------------------- */

struct syscall_exit {
	__u64 common;
	__s64 number;
	__s64 result;
};

SEC("tracepoint/syscalls/sys_exit_unshare")
int unshare_exit(struct syscall_exit *ctx)
{
	return emit_unshare(first_argument_of(bpf_get_current_task_btf()), ctx->result);
}

SEC("tracepoint/syscalls/sys_exit_setns")
int setns_exit(struct syscall_exit *ctx)
{
	return emit_setns(ctx->result);
}

SEC("tracepoint/syscalls/sys_exit_clone")
int clone_exit(struct syscall_exit *ctx)
{
	return emit_refused_clone(ctx->result);
}

SEC("tracepoint/syscalls/sys_exit_clone3")
int clone3_exit(struct syscall_exit *ctx)
{
	return emit_refused_clone3(ctx->result);
}

/* --- ... by sys_exit -------------------------------------------------------------------------- */

/*
 * The return of every system call, also of compat calls, which have no tracepoints of
 * their own. Every call of every task pays for it. It is attached only if it was asked
 * for, or by auto if fexit programs turn out to be skipped or stopped. A tracer that has
 * dropped its privileges can attach it, because a tracing program needs its descriptor
 * alone.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_exit, struct syscall_regs *regs, long result)
{
	return emit_call(syscall_number(regs), result);
}

/* --- ... by fexit programs -------------------------------------------------------------------- */

/*
 * System calls that are not about namespaces stay on their fast path, and compat calls are
 * seen. A call that does not get as far as these functions is not seen: one that seccomp
 * refuses, or a clone3 whose arguments are invalid by themselves.
 */
SEC("fexit/ksys_unshare")
int BPF_PROG(unshare_return, unsigned long flags, int result)
{
	return by_sys_exit ? 0 : emit_unshare(flags, result);
}

SEC("fexit/" SYS_SETNS)
int BPF_PROG(setns_return, const struct pt_regs *regs, long result)
{
	return by_sys_exit ? 0 : emit_setns(result);
}

SEC("fexit/" COMPAT_SYS_SETNS)
int BPF_PROG(setns_compat_return, const struct pt_regs *regs, long result)
{
	return by_sys_exit ? 0 : emit_setns(result);
}

SEC("fexit/kernel_clone")
int BPF_PROG(clone_return, struct kernel_clone_args *args, int result)
{
	return emit_refused_kernel_clone(args, result);
}

/*
 * Every namespace, of any kind, gives its inode number back here when it is freed. Entries
 * of proc have numbers of the same kind and are reported as well: no two objects have the
 * same number at once.
 */
SEC("fentry/proc_free_inum")
int BPF_PROG(inum_freed, unsigned int inum)
{
	if (!by_sys_exit)
		emit_freed(inum);
	return 0;
}

/* --- Walks over all tasks, which user space runs ---------------------------------------------- */

static __always_inline bool is_alive(struct task_struct *task)
{
	return task && task->pid != 0 && !(task->flags & PF_EXITING);
}

/* Runs before anything is attached. */
SEC("iter/task")
int find_initial(struct bpf_iter__task *ctx)
{
	if (ctx->task)
		read_initial_set(ctx->task);
	return 0;
}

SEC("iter/task")
int snapshot(struct bpf_iter__task *ctx)
{
	if (is_alive(ctx->task))
		write_task(ctx->meta->seq, ctx->task);
	return 0;
}

/*
 * One pass of a registration. A walk can see a child before task_newtask copies its
 * parent's number to it. A task that the walk after FAMILY_TARGET finds without the number
 * was therefore born before that; a task that is born later has it.
 */
SEC("iter/task")
int family(struct bpf_iter__task *ctx)
{
	if (is_alive(ctx->task))
		write_member(ctx->meta->seq, ctx->task);
	return 0;
}
