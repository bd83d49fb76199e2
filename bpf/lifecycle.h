/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* FORK, CLONE, EXEC and EXIT records: births, programs and ends of tasks. */
#ifndef NST_LIFECYCLE_H
#define NST_LIFECYCLE_H

#include "carried.h"
#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "read_call.h"
#include "read_path.h"
#include "read_set.h"
#include "read_task.h"
#include "registered.h"
#include "reveal.h"
#include "share.h"

/* Reports a child with its parent's set. */
static __always_inline void emit_fork(struct task_struct *parent, struct task_struct *child)
{
	struct carried *carried = carried_by(parent);
	struct nst_fork *record = reserve(NST_KIND_FORK, sizeof(*record));

	if (record) {
		read_task_id(child, &record->child);
		record->parent_tid = parent->pid;
		record->container = registration_of(parent);
		record->hdr.flags = confinement_flags(child);
		submit(record);
	}
	/* Also when the record is lost: the child is in its parent's set in any case. */
	if (carried)
		inherit(child, carried);
}

static __always_inline void read_clone(struct task_struct *parent, struct task_struct *child,
				       __u64 flags, struct nst_call *call)
{
	read_call(parent, call);
	call->op = call->number == NR_CLONE3 ? NST_OP_CLONE3 : NST_OP_CLONE;
	call->result = upid_at(child, pid_level(parent)).nr; /* what clone returns */
	call->flags = flags & CLONE_NEW_ALL;
}

/*
 * Reports a child with a set of its own. If its parent's share is used up, the child is
 * reported with its parent's set: its next record shows the difference.
 */
static __always_inline void emit_clone(struct task_struct *parent, struct task_struct *child,
				       __u64 flags)
{
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_clone *record;
	struct carried *carried;
	struct proctitle title;
	__u32 size, proctitle_bytes;

	if (!admit(NST_KIND_CLONE)) {
		emit_fork(parent, child);
		return;
	}
	if (!at)
		return;
	record = (struct nst_clone *)at->record;
	set_header(&record->hdr, NST_KIND_CLONE, 0, 0);
	if (!read_set(child, &record->set))
		return;
	read_task_id(child, &record->child);
	read_subject(parent, &record->subject);
	read_clone(parent, child, flags, &record->call);
	title = find_proctitle(parent);
	proctitle_bytes = read_proctitle(&title, record + 1, &record->hdr);
	record->call.proctitle_bytes = proctitle_bytes;
	size = seal(record, sizeof(*record), proctitle_bytes);
	carried = carried_by(parent);
	if (carried)
		inherit(child, carried);
	if (output(record, size))
		remember(child, &record->set);
}

static __always_inline void read_exec(struct task_struct *task, struct nst_call *call)
{
	read_call(task, call);
	/* The start of the new program has overwritten the registers. */
	__builtin_memset(call->args, 0, sizeof(call->args));
	call->op = NST_OP_EXEC;
	call->result = 0;
	call->flags = 0;
}

static __always_inline void emit_exec(struct task_struct *task, int old_tid)
{
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct proctitle title;
	struct nst_exec *record;
	__u32 exe_bytes, proctitle_bytes, size;
	__u8 *tail;

	if (!at)
		return;
	record = (struct nst_exec *)at->record;
	tail = (__u8 *)(record + 1);
	set_header(&record->hdr, NST_KIND_EXEC, 0, 0);
	if (!read_set(task, &record->set))
		return;
	read_subject(task, &record->subject);
	read_exec(task, &record->call);
	record->old_tid = old_tid;
	exe_bytes = read_exe(task, at, tail, &record->exe_flags);
	record->exe_bytes = exe_bytes;
	title = find_proctitle(task);
	proctitle_bytes = read_proctitle(&title, tail + exe_bytes, &record->hdr);
	record->call.proctitle_bytes = proctitle_bytes;
	size = seal(record, sizeof(*record), exe_bytes + proctitle_bytes);
	if (output(record, size))
		remember(task, &record->set);
}

/*
 * Whether a task may be the last user of a namespace; its EXIT then has a subject. That is
 * so if it shares its nsproxy with no task, or if it is the init of a PID namespace. It is
 * so, too, outside the host's user namespace, because user namespaces hang on credentials
 * and not on nsproxy.
 */
static __always_inline bool may_be_last(struct task_struct *task)
{
	struct nsproxy *nsproxy;

	task = unvouched(task);
	nsproxy = task->nsproxy;
	if (nsproxy && nst_nsproxy_users(nsproxy) == 1)
		return true;
	if ((__u64)task->real_cred->user_ns != initial_user_ns)
		return true;
	return pid_level(task) > 0 && task->tgid == task->pid;
}

/*
 * Reads the ID that the EXIT has. `other`: what the task carries if it was reported under
 * another tid, else NULL.
 */
static __always_inline void read_exit_id(struct task_struct *task, const struct carried *other,
					 struct nst_task_id *id)
{
	if (other)
		*id = other->id;
	else
		read_task_id(task, id);
}

static __always_inline void emit_plain_exit(struct task_struct *task, const struct carried *other)
{
	struct nst_exit *record = reserve(NST_KIND_EXIT, sizeof(*record));

	if (!record)
		return;
	read_exit_id(task, other, &record->task);
	submit(record);
}

static __always_inline void emit_exit_with_subject(struct task_struct *task,
						   const struct carried *other)
{
	struct nst_exit *record =
		reserve(NST_KIND_EXIT, sizeof(*record) + sizeof(struct nst_subject));

	if (!record)
		return;
	record->hdr.flags = NST_FLAG_SUBJECT;
	read_exit_id(task, other, &record->task);
	read_subject(task, (struct nst_subject *)(record + 1));
	submit(record);
}

static __always_inline void emit_exit(struct task_struct *task)
{
	struct carried *other = carried_by(task);

	/*
	 * exec gives a thread the leader's tid (de_thread). A thread whose exec failed
	 * after that ends here without an EXEC record, under its old ID.
	 */
	if (!other || other->id.tid == (__u32)task->pid) {
		reveal();
		other = NULL;
	}
	if (!may_be_last(task))
		emit_plain_exit(task, other);
	else
		emit_exit_with_subject(task, other);
}

#endif
