/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk over all tasks. read(2) gives its TASK and ATTACH records part by part, because
 * a walk into the ring would need room for all of them at once.
 */
#ifndef NST_SNAPSHOT_H
#define NST_SNAPSHOT_H

#include "carried.h"
#include "cgroups.h"
#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "read_cgroup.h"
#include "read_set.h"
#include "read_task.h"
#include "reveal.h"

/* Whether tasks that the walk finds count as reported. */
__u32 snapshot_reports;

static __always_inline __u16 snapshot_flags(struct task_struct *task)
{
	__u16 flags = task->flags & PF_KTHREAD ? NST_FLAG_KTHREAD : 0;
	struct v1_cgroup v1;

	read_v1_cgroup(task, &v1);
	if (v1.hierarchy != 0 && v1.id != ROOT_CGROUP)
		flags |= NST_FLAG_CGROUP_V1;
	return flags;
}

/*
 * Fills a TASK record that is true at its time, and returns its size; 0 for a task that is
 * exiting.
 */
static __always_inline __u32 fill_snapshot_task(struct scratch *at, struct task_struct *task,
						__u16 flags)
{
	struct nsproxy *nsproxy = BPF_CORE_READ(task, nsproxy);
	__u32 size = fill_task(at, task, flags);

	if (size == 0 || size > NST_RECORD_BYTES_MAX)
		return 0;
	/*
	 * The kernel frees a nsproxy without RCU. If the task has just left this one, it
	 * may have been freed during the read.
	 */
	if (BPF_CORE_READ(task, nsproxy) != nsproxy &&
	    !read_set(task, &((struct nst_task *)at->record)->set))
		return 0;
	/*
	 * Checked again after the record has its time. A task that is not exiting yet
	 * exits later than that, so no record brings back a task that has exited.
	 */
	return BPF_CORE_READ(task, flags) & PF_EXITING ? 0 : size;
}

_Static_assert(offsetof(struct nst_attach, subject) == offsetof(struct nst_task, subject),
	       "the ATTACH of a walk takes its subject from the TASK");

/*
 * Writes a task's ATTACH behind its TASK, whose subject is in place. If the part has no
 * room for both, the kernel begins the next part with both.
 */
static __always_inline void write_attach(struct seq_file *seq, struct scratch *at,
					 struct task_struct *task)
{
	struct nst_attach *record = (struct nst_attach *)at->record;

	fill_attach(record, task);
	bpf_seq_write(seq, record, sizeof(*record));
}

static __always_inline void write_task(struct seq_file *seq, struct task_struct *task)
{
	struct scratch *at = scratch(SCRATCH_SNAPSHOT);
	__u16 flags;
	__u32 size;

	if (!at)
		return;
	flags = snapshot_flags(task);
	size = fill_snapshot_task(at, task, flags);
	if (size == 0 || bpf_seq_write(seq, at->record, size) != 0)
		return;
	if (snapshot_reports)
		remember(task, &((struct nst_task *)at->record)->set);
	if (flags & NST_FLAG_CGROUP_V1)
		write_attach(seq, at, task);
}

#endif
