/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TASK records: a task as it is, for a snapshot, or because no hook saw its set change. */
#ifndef NST_REVEAL_H
#define NST_REVEAL_H

#include "carried.h"
#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "read_path.h"
#include "read_set.h"
#include "read_task.h"
#include "registered.h"
#include "share.h"

/*
 * Fills a TASK record in scratch memory and returns its size; 0 if the task has left its
 * namespaces.
 */
static __always_inline __u32 fill_task(struct scratch *at, struct task_struct *task, __u16 flags)
{
	struct nst_task *record = (struct nst_task *)at->record;
	__u32 exe_bytes;

	/* The time comes first, so that a change during the read is newer than this record. */
	set_header(&record->hdr, NST_KIND_TASK, flags, 0);
	if (!read_set(task, &record->set))
		return 0;
	read_subject(task, &record->subject);
	exe_bytes = read_exe(task, at, (__u8 *)(record + 1), &record->exe_flags);
	record->exe_bytes = exe_bytes;
	record->container = registration_of(task);
	return seal(record, sizeof(*record), exe_bytes);
}

/* A global function, because the verifier checks it once and not once for each caller. */
__noinline int reveal_unless_reported(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_set *set;
	__u32 size;

	if (!at)
		return 0;
	set = &((struct nst_task *)at->record)->set;
	if (!read_set(task, set) || was_reported(task, set) || !admit(NST_KIND_TASK))
		return 0;
	size = fill_task(at, task, NST_FLAG_LATE);
	if (size && output(at->record, size))
		remember(task, set);
	return 0;
}

/*
 * Reports current if its set is not the one that it was last reported with. A call that no
 * hook sees has changed it, such as a compat call or a call of a newer kernel. This also
 * mends a lost record, because only what was sent is remembered.
 */
static __always_inline void reveal(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!in_initial_set(task) || carried_by(task))
		reveal_unless_reported();
}

#endif
