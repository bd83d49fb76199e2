/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a task's cgroups: its ID in v2 and, where v1 is in use, in the one v1 hierarchy
 * that identifies containers.
 */
#ifndef NST_READ_CGROUP_H
#define NST_READ_CGROUP_H

#include "kernel.h"
#include "nsevents.h"

struct v1_cgroup {
	__u64 id;
	__u32 hierarchy; /* 0: there is none */
};

static __always_inline bool read_subsys(struct task_struct *task, __u32 subsys,
					struct v1_cgroup *v1)
{
	void *states = (void *)BPF_CORE_READ(task, cgroups) +
		       bpf_core_field_offset(struct css_set, subsys);
	struct cgroup_subsys_state *state = NULL;
	struct cgroup *cgroup;

	bpf_probe_read_kernel(&state, sizeof(state), states + subsys * sizeof(state));
	cgroup = BPF_CORE_READ(state, cgroup);
	v1->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	if (v1->hierarchy == 0) /* v2 has the controller, or no hierarchy does */
		return false;
	v1->id = BPF_CORE_READ(cgroup, kn, id);
	return true;
}

#define read_subsys_if_built(task, name, v1)                                                       \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name) &&                                \
	 read_subsys(task, bpf_core_enum_value(enum cgroup_subsys_id, name), v1))

/*
 * Every runtime puts a container into the memory hierarchy, if there is one. User space
 * (CgroupHierarchy.swift) tries the same controllers in this order.
 */
static __always_inline void read_v1_cgroup(struct task_struct *task, struct v1_cgroup *v1)
{
	if (read_subsys_if_built(task, memory_cgrp_id, v1) ||
	    read_subsys_if_built(task, pids_cgrp_id, v1) ||
	    read_subsys_if_built(task, freezer_cgrp_id, v1) ||
	    read_subsys_if_built(task, cpu_cgrp_id, v1))
		return;
	v1->hierarchy = 0;
	v1->id = 0;
}

/* The id of the root's directory: kernfs numbers from 1, and the root is the first. */
#define ROOT_CGROUP 1

static __always_inline __u64 v2_cgroup_id(struct task_struct *task)
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

static __always_inline bool is_owned_by_root(struct kernfs_node *node)
{
	struct kernfs_iattrs *attributes = BPF_CORE_READ(node, iattr);

	return !attributes || BPF_CORE_READ(attributes, ia_uid.val) == 0;
}

/* So many directories above a cgroup are looked at; below more, no name counts as root's. */
#define NAMED_DEPTH_MAX 4096

struct naming_walk {
	struct kernfs_node *node;
	__u32 above;   /* directories so far; the last is the hierarchy's root */
	__u32 foreign; /* of these up to the outermost that is not root's; 0: all are root's */
};

static long naming_step(__u32 index, struct naming_walk *walk)
{
	walk->node = parent_of(walk->node);
	if (!walk->node)
		return 1;
	walk->above++;
	if (!is_owned_by_root(walk->node))
		walk->foreign = walk->above;
	return 0;
}

/* NST_DELEGATED of a cgroup that is made or renamed. */
static __always_inline __u16 read_delegated(struct kernfs_node *node)
{
	struct naming_walk walk = { .node = node };

	bpf_loop(NAMED_DEPTH_MAX, naming_step, &walk, 0);
	if (walk.node)
		return NST_DELEGATED(0);
	return walk.foreign == 0 ? 0 : NST_DELEGATED(walk.above - walk.foreign);
}

/* Whether the cgroups of a hierarchy are reported. */
static __always_inline bool is_reported_hierarchy(__u32 hierarchy)
{
	struct v1_cgroup v1;

	if (hierarchy == 0)
		return true;
	read_v1_cgroup(bpf_get_current_task_btf(), &v1);
	return hierarchy == v1.hierarchy;
}

#endif
