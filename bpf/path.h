/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path of a program as its own process would see it, which is what audit
 * prints as exe=. bpf_d_path() may not be called from these hooks, so the walk
 * is ours: from the leaf upwards, written from the buffer's end to its front.
 */
#ifndef NST_PATH_H
#define NST_PATH_H

#include "emit.h"
#include "kernel.h"
#include "nsevents.h"

#define PATH_DEPTH_MAX 64
#define PATH_NAME_MAX 255
#define PATH_MASK (NST_PATH_BYTES - 1)

struct path_walk {
	struct scratch *at;
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *root_dentry;
	struct vfsmount *root_mnt;
};

/*
 * The front of what has been written so far is kept in the map, not in the
 * walk: on the stack the verifier would follow each of its possible values.
 */
static __always_inline bool prepend(struct scratch *at, struct dentry *dentry, bool slash)
{
	__u32 bytes = BPF_CORE_READ(dentry, d_name.len);
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u64 start = at->path_start & PATH_MASK;

	if (bytes > PATH_NAME_MAX || bytes + slash > start)
		return false;
	start = (start - bytes) & PATH_MASK;
	bpf_probe_read_kernel(at->path + start, bytes, name);
	if (slash) {
		start = (start - 1) & PATH_MASK;
		at->path[start] = '/';
	}
	at->path_start = start;
	return true;
}

/* One step: a name, or across a mount point; 1 ends the walk. */
static long path_step(__u32 index, struct path_walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	struct vfsmount *mnt = walk->mnt;

	if (dentry == walk->root_dentry && mnt == walk->root_mnt)
		return 1;
	if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
		struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
		struct mount *above = BPF_CORE_READ(mount, mnt_parent);

		if (above == mount)
			return 1;
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mnt = (void *)above + bpf_core_field_offset(struct mount, mnt);
		return 0;
	}
	if (parent == dentry) /* memfd and the like: a name that hangs nowhere */
		return prepend(walk->at, dentry, false), 1;
	if (!prepend(walk->at, dentry, true))
		return 1;
	walk->dentry = parent;
	return 0;
}

/*
 * Writes the path of task's program to `to` and returns its length, 0 when
 * there is none (kernel threads, and tasks that have let go of their mm). Of a
 * path that does not fit the front is missing: it then lacks its leading '/'.
 */
static __always_inline __u32 read_exe(struct task_struct *task, struct scratch *at, __u8 *to)
{
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	struct path_walk walk = { .at = at };
	__u32 start, bytes;

	if (!file)
		return 0;
	walk.dentry = BPF_CORE_READ(file, f_path.dentry);
	walk.mnt = BPF_CORE_READ(file, f_path.mnt);
	walk.root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	walk.root_mnt = BPF_CORE_READ(task, fs, root.mnt);
	at->path_start = PATH_MASK;
	bpf_loop(PATH_DEPTH_MAX, path_step, &walk, 0);
	start = at->path_start & PATH_MASK;
	bytes = PATH_MASK - start;
	bpf_probe_read_kernel(to, bytes, at->path + start);
	return bytes;
}

#endif
