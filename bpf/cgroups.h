/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ATTACH, CGROUP and CGROUP_IN records: tasks that move, cgroups that are made and removed. */
#ifndef NST_CGROUPS_H
#define NST_CGROUPS_H

#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "read_cgroup.h"
#include "read_path.h"
#include "read_task.h"
#include "share.h"

static __always_inline void fill_attach(struct nst_attach *record, struct task_struct *task)
{
	struct v1_cgroup v1;

	set_header(&record->hdr, NST_KIND_ATTACH, 0, sizeof(*record));
	read_task_id(task, &record->task);
	record->cgroup_id = v2_cgroup_id(task);
	read_v1_cgroup(task, &v1);
	record->v1_cgroup_id = v1.id;
	record->hierarchy = v1.hierarchy;
	record->moved = 0;
}

/*
 * The record in scratch memory, with current as the task that moves others; NULL if its share
 * is used up.
 */
static __always_inline struct nst_attach *begin_attach(void)
{
	struct scratch *at = scratch(SCRATCH_LIVE);

	if (!at || !admit(NST_KIND_ATTACH))
		return NULL;
	read_subject(bpf_get_current_task_btf(), &((struct nst_attach *)at->record)->subject);
	return (struct nst_attach *)at->record;
}

static __always_inline void end_attach(struct nst_attach *record, struct task_struct *task)
{
	fill_attach(record, task);
	output(record, sizeof(*record));
}

/* current has moved a task alone. */
static __always_inline void emit_attach(struct task_struct *task)
{
	struct nst_attach *record = begin_attach();

	if (record)
		end_attach(record, task);
}

/*
 * current has moved a process. One record for all threads, however many there are: one
 * for each would let a process with 27,000 threads fill the ring by a single write. A
 * leader that has exited is not moved with its threads, so the cgroup is taken from the
 * hook and not from the task.
 */
static __always_inline void emit_attach_process(struct task_struct *leader, struct cgroup *to)
{
	struct nst_attach *record = begin_attach();

	if (!record)
		return;
	fill_attach(record, leader);
	record->hdr.flags = NST_FLAG_PROCESS;
	record->moved = to->root->hierarchy_id;
	if (record->moved == 0)
		record->cgroup_id = to->kn->id;
	else
		record->v1_cgroup_id = to->kn->id;
	output(record, sizeof(*record));
}

/*
 * Reports the child's cgroups if they are not its parent's. That happens by clone3 with
 * CLONE_INTO_CGROUP, or if one of the two was moved between the birth and its report.
 * Tasks of equal cgroups share a css_set.
 */
static __always_inline void emit_born_elsewhere(struct task_struct *parent,
						struct task_struct *child)
{
	if (unvouched(parent)->cgroups != unvouched(child)->cgroups)
		emit_attach(child);
}

/* Reports a cgroup by its parent and its name, because its path is too long or may be. */
static __always_inline void emit_cgroup_in(struct scratch *at, struct cgroup *cgroup,
					   __u32 hierarchy, __u16 flags)
{
	struct nst_cgroup_in *record = (struct nst_cgroup_in *)at->record;
	struct kernfs_node *node = cgroup->kn;
	__u32 name_bytes;
	long bytes;

	set_header(&record->hdr, NST_KIND_CGROUP_IN, flags, 0);
	record->id = BPF_CORE_READ(node, id);
	record->parent_id = BPF_CORE_READ(parent_of(node), id);
	record->hierarchy = hierarchy;
	record->delegated = flags & NST_FLAG_REMOVED ? 0 : read_delegated(node);
	bytes = bpf_probe_read_kernel_str(record + 1, PATH_NAME_MAX + 1, BPF_CORE_READ(node, name));
	name_bytes = bytes > 0 ? bytes - 1 : 0; /* without its NUL */
	if (name_bytes > PATH_NAME_MAX)
		return;
	record->name_bytes = name_bytes;
	output(record, seal(record, sizeof(*record), name_bytes));
}

static __always_inline void emit_cgroup(struct cgroup *cgroup, const char *path, __u16 flags)
{
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_cgroup *record;
	long bytes;
	__u32 hierarchy, path_bytes;

	cgroup = unvouched(cgroup);
	hierarchy = cgroup->root->hierarchy_id;
	if (!at || !is_reported_hierarchy(hierarchy) || !admit(NST_KIND_CGROUP))
		return;
	record = (struct nst_cgroup *)at->record;
	set_header(&record->hdr, NST_KIND_CGROUP, flags, 0);
	record->id = cgroup->kn->id;
	record->hierarchy = hierarchy;
	record->delegated = flags & NST_FLAG_REMOVED ? 0 : read_delegated(cgroup->kn);
	bytes = bpf_probe_read_kernel_str(record + 1, NST_PATH_BYTES, path);
	path_bytes = bytes > 0 ? bytes - 1 : 0; /* without its NUL */
	/* The kernel, too, cuts the end of a path of this length (TRACE_CGROUP_PATH_LEN). */
	if (path_bytes >= NST_PATH_BYTES - 1) {
		emit_cgroup_in(at, cgroup, hierarchy, flags);
		return;
	}
	record->path_bytes = path_bytes;
	output(record, seal(record, sizeof(*record), path_bytes));
}

#endif
