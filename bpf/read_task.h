/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a task's ID, subject, confinement and command line. */
#ifndef NST_READ_TASK_H
#define NST_READ_TASK_H

#include "kernel.h"
#include "nsevents.h"
#include "read_path.h"
#include "read_set.h"

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

#define CAP_SYS_ADMIN 21
#define CAP_AUDIT_WRITE 29
#define CAP_AUDIT_CONTROL 30

/* Whether a capability is effective, in the initial user namespace. */
static __always_inline bool is_capable(struct task_struct *task, __u32 capability)
{
	const struct cred *cred = unvouched(task)->real_cred;
	__u64 effective = 0; /* no kernel_cap_t: before 6.3 that has no `val` */

	if ((__u64)cred->user_ns != initial_user_ns ||
	    bpf_core_read(&effective, sizeof(effective), &cred->cap_effective))
		return false;
	return effective >> capability & 1;
}

static __always_inline bool may_administer(struct task_struct *task)
{
	return is_capable(task, CAP_SYS_ADMIN);
}

/* /proc shows it only to a task that may ptrace the process. */
static __always_inline bool may_control_audit(struct task_struct *task)
{
	return is_capable(task, CAP_AUDIT_CONTROL);
}

static __always_inline bool may_write_audit(struct task_struct *task)
{
	return is_capable(task, CAP_AUDIT_WRITE);
}

static __always_inline __u32 effective_user(struct task_struct *task)
{
	return unvouched(task)->real_cred->euid.val;
}

static __always_inline bool has_no_new_privs(struct task_struct *task)
{
	return task->atomic_flags & PFA_NO_NEW_PRIVS;
}

/*
 * FORK has them, because prctl(2) and seccomp(2) may have changed the parent since its
 * last record.
 */
static __always_inline __u16 confinement_flags(struct task_struct *task)
{
	__u16 flags = NST_FLAG_CONFINEMENT;

	if (has_no_new_privs(task))
		flags |= NST_FLAG_NO_NEW_PRIVS;
	return flags | (task->seccomp.mode & 3) << NST_FLAG_SECCOMP_SHIFT;
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
	/* The kernel fills the rest of comm with zeros. */
	__builtin_memcpy(subject->comm, task->comm, NST_COMM_BYTES);
	read_tty(task, subject->tty);
}

/* The command line in its task's memory, or the beginning of it. */
struct proctitle {
	const void *start;
	__u32 bytes; /* at most NST_PROCTITLE_BYTES */
	__u16 flags; /* NST_FLAG_PROCTITLE_CUT if there is more */
};

static __always_inline struct proctitle find_proctitle(struct task_struct *task)
{
	struct mm_struct *mm = unvouched(task)->mm;
	__u64 bytes = mm->arg_end - mm->arg_start;
	struct proctitle title = { .start = (void *)mm->arg_start, .bytes = bytes };

	if (bytes > NST_PROCTITLE_BYTES) {
		title.bytes = NST_PROCTITLE_BYTES;
		title.flags = NST_FLAG_PROCTITLE_CUT;
	}
	return title;
}

/* Copies the command line behind a record and returns the bytes copied; 0 if it cannot be read. */
static __always_inline __u32 read_proctitle(const struct proctitle *title, void *to,
					    struct nst_header *hdr)
{
	if (title->bytes == 0 || bpf_probe_read_user(to, title->bytes, title->start))
		return 0;
	hdr->flags |= title->flags;
	return title->bytes;
}

#endif
