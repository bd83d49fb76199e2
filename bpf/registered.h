/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The number of each process's registration. A child has its parent's from its birth on.
 *
 * A table has a place for every tgid that there can be, from the start. A birth therefore
 * needs no memory, which hostile children could use up, to copy a number. Threads have no
 * places: a registration reaches all threads of a process, or is refused. A tgid is the
 * same before and after an exec by any thread.
 */
#ifndef NST_REGISTERED_H
#define NST_REGISTERED_H

#include "kernel.h"

#define TGIDS (1 << 22) /* PID_MAX_LIMIT of 64-bit kernels */
#define PAGE_TGIDS 1024

struct registrations {
	__u32 of[PAGE_TGIDS]; /* the number, 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TGIDS / PAGE_TGIDS);
	__type(key, __u32);
	__type(value, struct registrations);
} registrations SEC(".maps");

/* Whether any process has ever had a number: until then births and exits cost nothing. */
__u32 has_registrations;

/* Never NULL for a task, whose tgid is below TGIDS. */
static __always_inline __u32 *registration_place(struct task_struct *task)
{
	__u32 tgid = task->tgid;
	__u32 page = tgid / PAGE_TGIDS;
	struct registrations *registered = bpf_map_lookup_elem(&registrations, &page);

	return registered ? &registered->of[tgid % PAGE_TGIDS] : NULL;
}

static __always_inline __u32 registration_of(struct task_struct *task)
{
	__u32 *place = has_registrations ? registration_place(task) : NULL;

	return place ? *place : 0;
}

/* Whether all threads of the task's process have ended, or are in sched_process_exit. */
static __always_inline bool is_process_over(struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, live.counter) == 0;
}

/* Gives a process a number; 0 takes it away. */
static __always_inline void set_registration(struct task_struct *task, __u32 number)
{
	__u32 *place = registration_place(task);

	if (!place)
		return;
	if (number)
		has_registrations = 1;
	*place = number;
	/* It may have ended, and cleared its place, before it was written. */
	if (number && is_process_over(task))
		*place = 0;
}

/* A new process has its parent's number, and not that of an earlier process with its tgid. */
static __always_inline void inherit_registration(struct task_struct *parent,
						 struct task_struct *child)
{
	__u32 *place;

	if (!has_registrations || child->pid != child->tgid)
		return;
	place = registration_place(child);
	if (place)
		*place = registration_of(parent);
}

/* A thread ends. The place of a process that is over has no number. */
static __always_inline void forget_registration(struct task_struct *task)
{
	if (registration_of(task) && is_process_over(task))
		set_registration(task, 0);
}

#endif
