/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is read of a task's cgroups: its id in v2, and in the one v1 hierarchy
 * that tells containers, where v1 is in use.
 */
#ifndef NST_CGROUP_H
#define NST_CGROUP_H

#include "kernel.h"
#include "nsevents.h"

struct v1_place {
	__u64 id;
	__u32 hierarchy; /* 0: there is none */
};

static __always_inline bool read_subsys(struct task_struct *task, __u32 subsys,
					struct v1_place *place)
{
	void *states = (void *)BPF_CORE_READ(task, cgroups) +
		       bpf_core_field_offset(struct css_set, subsys);
	struct cgroup_subsys_state *state = NULL;
	struct cgroup *cgroup;

	bpf_probe_read_kernel(&state, sizeof(state), states + subsys * sizeof(state));
	cgroup = BPF_CORE_READ(state, cgroup);
	place->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	if (place->hierarchy == 0) /* the controller is used by v2, or by nobody */
		return false;
	place->id = BPF_CORE_READ(cgroup, kn, id);
	return true;
}

#define read_subsys_if_built(task, name, place)                                                    \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name) &&                                \
	 read_subsys(task, bpf_core_enum_value(enum cgroup_subsys_id, name), place))

/*
 * Every runtime puts a container into the memory hierarchy, if there is one;
 * user space (CgroupMounts.swift) looks for the same controllers in this order.
 */
static __always_inline void read_v1(struct task_struct *task, struct v1_place *place)
{
	if (read_subsys_if_built(task, memory_cgrp_id, place) ||
	    read_subsys_if_built(task, pids_cgrp_id, place) ||
	    read_subsys_if_built(task, freezer_cgrp_id, place) ||
	    read_subsys_if_built(task, cpu_cgrp_id, place))
		return;
	place->hierarchy = 0;
	place->id = 0;
}

/* Of the root's directory: kernfs numbers from 1, and the root is the first. */
#define ROOT_CGROUP 1

static __always_inline __u64 v2_cgroup(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
	struct kernfs_node___since_v615 *newer = (void *)node;

	if (bpf_core_field_exists(newer->__parent))
		return BPF_CORE_READ(newer, __parent);
	return BPF_CORE_READ(node, parent);
}

/* Whether a hierarchy is one whose cgroups are reported. */
static __always_inline bool is_reported(__u32 hierarchy)
{
	struct v1_place place;

	if (hierarchy == 0)
		return true;
	read_v1(bpf_get_current_task_btf(), &place);
	return hierarchy == place.hierarchy;
}

#endif
