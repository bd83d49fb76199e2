/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is read from a task: its set of namespaces, its subject, its program. */
#ifndef NST_TASK_H
#define NST_TASK_H

#include "kernel.h"
#include "nsevents.h"
#include "path.h"

/* The namespaces of kthreadd: the host's own. Found before anything is attached. */
struct nst_set initial_set;
__u64 initial_nsproxy;
__u64 initial_user_ns;
char initial_nodename[NST_NODENAME_BYTES];

#define read_slot(set, slot, ns_common)                                                            \
	({                                                                                         \
		(set)->inum[slot] = (ns_common)->inum;                                             \
		(set)->id[slot] = nst_ns_id(ns_common);                                            \
	})

/* 0: the initial PID namespace. */
static __always_inline __u32 pid_level(struct task_struct *task)
{
	return unvouched(task)->thread_pid->level;
}

/*
 * A task's PID as the namespace at `level` sees it. numbers[] is indexed by a
 * variable, which the verifier refuses for a typed pointer: read untyped.
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

/* The one that the task is in, as opposed to nsproxy->pid_ns_for_children. */
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

	/* Of most tasks, and an index that is constant needs no call. */
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

/* False once the task has let go of its nsproxy on its way out. */
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

static __always_inline void read_task_id(struct task_struct *task, struct nst_task_id *id)
{
	id->start_ns = task->start_boottime;
	id->tid = task->pid;
	id->tgid = task->tgid;
}

static __always_inline void read_tty(struct task_struct *task, char name[NST_TTY_BYTES])
{
	struct tty_struct *tty = task->signal->tty;

	__builtin_memset(name, 0, NST_TTY_BYTES);
	if (tty)
		bpf_core_read_str(name, NST_TTY_BYTES, &tty->name);
}

static __always_inline void read_creds(struct task_struct *task, struct nst_subject *subject)
{
	const struct cred *cred = task->real_cred;

	subject->uid = cred->uid.val;
	subject->gid = cred->gid.val;
	subject->euid = cred->euid.val;
	subject->suid = cred->suid.val;
	subject->fsuid = cred->fsuid.val;
	subject->egid = cred->egid.val;
	subject->sgid = cred->sgid.val;
	subject->fsgid = cred->fsgid.val;
}

static __always_inline void read_login(struct task_struct *task, struct nst_subject *subject)
{
	subject->auid = -1;
	subject->ses = -1;
	if (bpf_core_field_exists(task->loginuid))
		subject->auid = task->loginuid.val;
	if (bpf_core_field_exists(task->sessionid))
		subject->ses = task->sessionid;
}

#define CAP_AUDIT_CONTROL 30

/* Effective, in the initial user namespace: what /proc shows only to who may ptrace the process. */
static __always_inline bool may_control_audit(struct task_struct *task)
{
	const struct cred *cred = unvouched(task)->real_cred;
	__u64 effective = 0; /* no kernel_cap_t: before 6.3 that has no `val` */

	if ((__u64)cred->user_ns != initial_user_ns ||
	    bpf_core_read(&effective, sizeof(effective), &cred->cap_effective))
		return false;
	return effective >> CAP_AUDIT_CONTROL & 1;
}

static __always_inline bool has_no_new_privs(struct task_struct *task)
{
	return task->atomic_flags & PFA_NO_NEW_PRIVS;
}

static __always_inline void read_subject(struct task_struct *task, struct nst_subject *subject)
{
	task = unvouched(task);
	read_task_id(task, &subject->task);
	subject->ppid = task->real_parent->tgid;
	read_login(task, subject);
	read_creds(task, subject);
	subject->cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	subject->flags = has_no_new_privs(task) ? NST_SUBJECT_NO_NEW_PRIVS : 0;
	if (exe_is_deleted(task))
		subject->flags |= NST_SUBJECT_EXE_DELETED;
	if (may_control_audit(task))
		subject->flags |= NST_SUBJECT_AUDIT_CONTROL;
	subject->seccomp = task->seccomp.mode;
	/* Whoever sets it fills what is left with zeros. */
	__builtin_memcpy(subject->comm, task->comm, NST_COMM_BYTES);
	read_tty(task, subject->tty);
}

#endif
