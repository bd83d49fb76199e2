/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a tracer does with the numbers of processes: reads, gives and takes them. */
#ifndef NST_REGISTERED_H
#define NST_REGISTERED_H

#include "kernel.h"
#include "numbers.h"

/*
 * Whether any process has ever had a number: until then births and exits cost nothing. User
 * space sets it where the numbers are a keeper's.
 */
__u32 has_registrations;

static __always_inline __u32 registration_of(struct task_struct *task)
{
	__u32 *place = has_registrations ? number_place(task) : NULL;

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
	__u32 *place = number_place(task);

	if (!place)
		return;
	if (number)
		has_registrations = 1;
	*place = number;
	/* It may have ended, and cleared its place, before it was written. */
	if (number && is_process_over(task))
		*place = 0;
}

static __always_inline void inherit_registration(struct task_struct *parent,
						 struct task_struct *child)
{
	if (has_registrations)
		copy_number(parent, child);
}

/* A thread ends. The place of a process that is over has no number. */
static __always_inline void forget_registration(struct task_struct *task)
{
	if (registration_of(task) && is_process_over(task))
		set_registration(task, 0);
}

#endif
