/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads the path of a program as its own process would see it: d_path() of mm->exe_file,
 * which audit prints as exe=. bpf_d_path() may not be called from these hooks, so this
 * walks up from the leaf and writes from the buffer's end to its front. d_path() marks a
 * deleted file by the suffix " (deleted)", which a file's own name may have; here that is
 * a flag.
 */
#ifndef NST_READ_PATH_H
#define NST_READ_PATH_H

#include "emit.h"
#include "kernel.h"
#include "nsevents.h"

/* Names and mounts together: more names do not fit into the buffer. */
#define PATH_STEPS_MAX 4096
#define PATH_NAME_MAX 255
#define PATH_MASK (NST_PATH_BYTES - 1)

struct path_walk {
	struct scratch *at;
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *root_dentry;
	struct vfsmount *root_mnt;
	__u64 is_whole; /* the walk has reached the start of the path */
};

static __always_inline struct file *exe_file(struct task_struct *task)
{
	return unvouched(task)->mm->exe_file;
}

/*
 * Whether a file has only a name and never was in a directory: a memfd. Its d_dname is
 * simple_dname(), which appends " (deleted)".
 */
static __always_inline bool is_unplaced(struct file *file)
{
	struct dentry *dentry = file->f_path.dentry;

	return dentry->d_op->d_dname &&
	       (dentry->d_parent != dentry || dentry != file->f_path.mnt->mnt_root);
}

/* The kernel's d_unlinked(). */
static __always_inline bool is_unlinked(struct file *file)
{
	struct dentry *dentry = file->f_path.dentry;

	return !dentry->d_hash.pprev && dentry->d_parent != dentry;
}

/* Whether d_path() would append " (deleted)". Once true of a file, it stays true. */
static __always_inline bool exe_is_deleted(struct task_struct *task)
{
	struct file *file = exe_file(task);

	return file && (is_unplaced(file) || is_unlinked(file));
}

/*
 * Writes a name in front of the path. The start of the path is kept in the map and not in
 * the walk, because the verifier would follow each of its possible values on the stack.
 */
static __always_inline bool prepend(struct scratch *at, struct dentry *dentry)
{
	__u32 bytes = BPF_CORE_READ(dentry, d_name.len);
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u64 start = at->path_start & PATH_MASK;

	if (bytes > PATH_NAME_MAX || bytes + 1 > start)
		return false;
	start = (start - bytes) & PATH_MASK;
	bpf_probe_read_kernel(at->path + start, bytes, name);
	start = (start - 1) & PATH_MASK;
	at->path[start] = '/';
	at->path_start = start;
	return true;
}

/* Steps from the root of a mount to its mount point; 1 ends the walk. */
static __always_inline long cross_mount(struct path_walk *walk, struct vfsmount *mnt)
{
	struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
	struct mount *above = BPF_CORE_READ(mount, mnt_parent);

	/* The root of all mounts, or of a detached one. */
	if (above == mount)
		return walk->is_whole = 1;
	walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	walk->mnt = (void *)above + bpf_core_field_offset(struct mount, mnt);
	return 0;
}

/* One step of prepend_path(): a name, or across a mount point; 1 ends the walk. */
static long path_step(__u32 index, struct path_walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	struct vfsmount *mnt = walk->mnt;

	if (dentry == walk->root_dentry && mnt == walk->root_mnt)
		return walk->is_whole = 1;
	if (dentry == BPF_CORE_READ(mnt, mnt_root))
		return cross_mount(walk, mnt);
	if (parent == dentry) { /* moved out of its mount: no path leads there */
		walk->at->path_start = PATH_MASK;
		return walk->is_whole = 1;
	}
	if (!prepend(walk->at, dentry))
		return 1;
	walk->dentry = parent;
	return 0;
}

/* Walks to where the path begins; false if the front is missing. */
static __always_inline bool walk_path(struct task_struct *task, struct file *file,
				      struct scratch *at)
{
	struct path_walk walk = { .at = at };

	walk.dentry = BPF_CORE_READ(file, f_path.dentry);
	walk.mnt = BPF_CORE_READ(file, f_path.mnt);
	walk.root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	walk.root_mnt = BPF_CORE_READ(task, fs, root.mnt);
	bpf_loop(PATH_STEPS_MAX, path_step, &walk, 0);
	return walk.is_whole;
}

/* Puts the path together at the end of at->path; false if the front is missing. */
static __always_inline bool build_path(struct task_struct *task, struct file *file,
				       struct scratch *at)
{
	at->path_start = PATH_MASK;
	if (is_unplaced(file))
		return prepend(at, BPF_CORE_READ(file, f_path.dentry));
	return walk_path(task, file, at);
}

static __always_inline __u32 copy_path(struct scratch *at, __u8 *to)
{
	__u32 start = at->path_start & PATH_MASK;
	__u32 bytes;

	if (start == PATH_MASK) { /* the root of its mount is the file itself */
		start = PATH_MASK - 1;
		at->path[start] = '/';
	}
	bytes = PATH_MASK - start;
	bpf_probe_read_kernel(to, bytes, at->path + start);
	return bytes;
}

/*
 * Writes the path of the task's program to `to` and returns its length. 0 for a task
 * without one: a kernel thread, or a task without its mm.
 */
static __always_inline __u32 read_exe(struct task_struct *task, struct scratch *at, __u8 *to,
				      __u16 *flags)
{
	struct file *file = exe_file(task);

	*flags = 0;
	if (!file)
		return 0;
	if (!build_path(task, file, at))
		*flags |= NST_EXE_CUT;
	if (exe_is_deleted(task))
		*flags |= NST_EXE_DELETED;
	return copy_path(at, to);
}

#endif
