/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a task carries in its storage: the set and the ID that it was last reported with.
 *
 * Only tasks outside the host's initial set, or with a registration, have storage. A task
 * without storage was last reported in the initial set, so an ordinary fork or exit costs
 * no allocation. Storage is charged to the memory cgroup of nstrace. If that is full, a
 * task outside the initial set has none, and is reported again by each of its records.
 */
#ifndef NST_CARRIED_H
#define NST_CARRIED_H

#include "kernel.h"
#include "nsevents.h"
#include "read_set.h"
#include "read_task.h"
#include "registered.h"

struct carried {
	struct nst_set reported;
	struct nst_task_id id;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct carried);
} carried_by_task SEC(".maps");

/*
 * How often a set outside of the initial one could not be kept, and the first time since
 * user space reset it. It reads both through .bss.
 */
__u64 unkept_count;
__u64 unkept_since_ns;

static __always_inline void count_unkept(void)
{
	__sync_fetch_and_add(&unkept_count, 1);
	__sync_val_compare_and_swap(&unkept_since_ns, 0, bpf_ktime_get_boot_ns());
}

static __always_inline struct carried *carried_by(struct task_struct *task)
{
	return bpf_task_storage_get(&carried_by_task, task, NULL, 0);
}

/* The task's storage, made if `is_needed`; NULL if there is none. */
static __always_inline struct carried *carry(struct task_struct *task, bool is_needed)
{
	struct carried *carried;

	if (!is_needed)
		return carried_by(task);
	carried =
		bpf_task_storage_get(&carried_by_task, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	/* Of two programs that make it at once, the kernel refuses one. */
	return carried ? carried : carried_by(task);
}

/* Stores the set that the task was just reported with. */
static __always_inline void remember(struct task_struct *task, const struct nst_set *set)
{
	bool is_needed = !equal_sets(set, &initial_set);
	struct carried *carried = carry(task, is_needed);

	if (carried) {
		carried->reported = *set;
		read_task_id(task, &carried->id);
	} else if (is_needed) {
		count_unkept();
	}
}

static __always_inline bool was_reported(struct task_struct *task, const struct nst_set *set)
{
	struct carried *carried = carried_by(task);

	return equal_sets(set, carried ? &carried->reported : &initial_set);
}

/* Gives a child the set of its parent. */
static __always_inline void inherit(struct task_struct *child, const struct carried *parent)
{
	bool is_elsewhere = !equal_sets(&parent->reported, &initial_set);
	struct carried *carried = carry(child, is_elsewhere || registration_of(child));

	if (carried) {
		carried->reported = parent->reported;
		read_task_id(child, &carried->id);
	} else if (is_elsewhere) {
		count_unkept();
	}
}

/* Gives a task's process a registration. */
static __always_inline void enlist(struct task_struct *task, __u32 registration)
{
	struct carried *carried = carried_by(task);

	set_registration(task, registration);
	if (carried)
		return;
	carried = carry(task, true);
	if (!carried)
		return;
	/* This is what having no storage meant. */
	carried->reported = initial_set;
	read_task_id(task, &carried->id);
}

#endif
