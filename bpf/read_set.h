/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a task's set of namespaces, and compares it with another set and with the host's. */
#ifndef NST_READ_SET_H
#define NST_READ_SET_H

#include "kernel.h"
#include "nsevents.h"

/* The namespaces of kthreadd, which are the host's own. Filled before anything is attached. */
struct nst_set initial_set;
__u64 initial_nsproxy;
__u64 initial_user_ns;
char initial_nodename[NST_NODENAME_BYTES];

#define read_slot(set, slot, ns_common)                                                            \
	({                                                                                         \
		(set)->inum[slot] = (ns_common)->inum;                                             \
		(set)->id[slot] = nst_ns_id(ns_common);                                            \
	})

/* The depth of the task's PID namespace; 0: the initial one. */
static __always_inline __u32 pid_level(struct task_struct *task)
{
	return unvouched(task)->thread_pid->level;
}

/*
 * A task's PID in the namespace at `level`. The read is untyped, because the verifier
 * refuses a variable index into numbers[] of a typed pointer.
 */
static __always_inline struct upid upid_at(struct task_struct *task, __u32 level)
{
	struct upid upid = {};
	struct pid *pid = NULL;

	bpf_core_read(&pid, sizeof(pid), &task->thread_pid);
	if (pid)
		bpf_core_read(&upid, sizeof(upid), &pid->numbers[level]);
	return upid;
}

/* The PID namespace that the task is in, which need not be nsproxy->pid_ns_for_children. */
static __always_inline struct pid_namespace *task_pid_ns(struct task_struct *task)
{
	return upid_at(task, pid_level(task)).ns;
}

static __always_inline bool in_initial_set(struct task_struct *task)
{
	task = unvouched(task);
	return (__u64)task->nsproxy == initial_nsproxy &&
	       (__u64)task->real_cred->user_ns == initial_user_ns && pid_level(task) == 0;
}

static __always_inline bool share_set(struct task_struct *a, struct task_struct *b)
{
	a = unvouched(a);
	b = unvouched(b);
	if (a->nsproxy != b->nsproxy || a->real_cred->user_ns != b->real_cred->user_ns)
		return false;
	if (pid_level(a) != pid_level(b))
		return false;
	return pid_level(a) == 0 || task_pid_ns(a) == task_pid_ns(b);
}

static __always_inline void read_pid_slot(struct task_struct *task, struct nst_set *set)
{
	struct pid *pid = task->thread_pid;
	struct pid_namespace *pid_ns;

	/* The case of most tasks, and a constant index needs no helper call. */
	if (pid->level == 0) {
		read_slot(set, NST_SLOT_PID, &pid->numbers[0].ns->ns);
		return;
	}
	pid_ns = task_pid_ns(task);
	set->inum[NST_SLOT_PID] = BPF_CORE_READ(pid_ns, ns.inum);
	set->id[NST_SLOT_PID] = 0;
	if (bpf_core_field_exists(struct ns_common___since_v618, ns_id)) {
		struct ns_common___since_v618 *ns = (void *)&pid_ns->ns;

		bpf_core_read(&set->id[NST_SLOT_PID], sizeof(__u64), &ns->ns_id);
	}
}

/* Reads the set; false if the task has dropped its nsproxy in its exit. */
static __always_inline bool read_set(struct task_struct *task, struct nst_set *set)
{
	struct nsproxy *nsproxy;

	task = unvouched(task);
	nsproxy = task->nsproxy;
	if (!nsproxy)
		return false;
	read_slot(set, NST_SLOT_MNT, &nsproxy->mnt_ns->ns);
	read_slot(set, NST_SLOT_UTS, &nsproxy->uts_ns->ns);
	read_slot(set, NST_SLOT_IPC, &nsproxy->ipc_ns->ns);
	read_pid_slot(task, set);
	read_slot(set, NST_SLOT_PID_CHILDREN, &nsproxy->pid_ns_for_children->ns);
	read_slot(set, NST_SLOT_USER, &task->real_cred->user_ns->ns);
	read_slot(set, NST_SLOT_NET, &nsproxy->net_ns->ns);
	read_slot(set, NST_SLOT_CGROUP, &nsproxy->cgroup_ns->ns);
	read_slot(set, NST_SLOT_TIME, &nsproxy->time_ns->ns);
	read_slot(set, NST_SLOT_TIME_CHILDREN, &nsproxy->time_ns_for_children->ns);
	return true;
}

static __always_inline bool equal_sets(const struct nst_set *a, const struct nst_set *b)
{
	__u64 difference = 0;

	for (__u32 i = 0; i < NST_SLOTS; i++)
		difference |= (a->id[i] ^ b->id[i]) | (a->inum[i] ^ b->inum[i]);
	return difference == 0;
}

/* Keeps the set of the first kernel thread of a walk, kthreadd, as the host's. */
static __always_inline void read_initial_set(struct task_struct *task)
{
	if (initial_nsproxy || !(task->flags & PF_KTHREAD))
		return;
	task = unvouched(task);
	if (!read_set(task, &initial_set))
		return;
	initial_user_ns = (__u64)task->real_cred->user_ns;
	initial_nsproxy = (__u64)task->nsproxy;
	BPF_CORE_READ_STR_INTO(&initial_nodename, task, nsproxy, uts_ns, name.nodename);
}

#endif
