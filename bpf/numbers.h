/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The number of each process's registration. A child has its parent's from its birth on.
 *
 * A table has a place for every tgid that there can be, from the start. A birth therefore
 * needs no memory, which hostile children could use up, to copy a number. Threads have no
 * places: a registration reaches all threads of a process, or is refused. A tgid is the
 * same before and after an exec by any thread.
 *
 * The table is the keeper's where there is one (nskeeper.h). It then outlives the tracer, and
 * several tracers share it, so it changes only with NST_KEEPER_VERSION.
 */
#ifndef NST_NUMBERS_H
#define NST_NUMBERS_H

#include "kernel.h"
#include "nskeeper.h"

struct numbers {
	__u32 of[NST_KEEPER_PAGE]; /* the number, 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NST_KEEPER_PAGES);
	__type(key, __u32);
	__type(value, struct numbers);
} numbers SEC(".maps");

/* Never NULL for a task, whose tgid is below PID_MAX_LIMIT. */
static __always_inline __u32 *number_place(struct task_struct *task)
{
	__u32 tgid = task->tgid;
	__u32 page = tgid / NST_KEEPER_PAGE;
	struct numbers *numbers_of_page = bpf_map_lookup_elem(&numbers, &page);

	return numbers_of_page ? &numbers_of_page->of[tgid % NST_KEEPER_PAGE] : NULL;
}

/*
 * A new process has its parent's number, and not that of an earlier process with its tgid.
 * Where a tracer and a keeper do this one after the other, the second finds it done.
 */
static __always_inline void copy_number(struct task_struct *parent, struct task_struct *child)
{
	__u32 *from, *to;

	if (child->pid != child->tgid)
		return;
	from = number_place(parent);
	to = number_place(child);
	if (from && to && *to != *from)
		*to = *from;
}

#endif
