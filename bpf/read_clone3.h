/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads which namespaces a refused clone3 asked for, from the caller's memory after the
 * call, because no tracepoint shows the kernel's own copy. The flags count only if nothing
 * but the caller can have changed them meanwhile.
 */
#ifndef NST_READ_CLONE3_H
#define NST_READ_CLONE3_H

#include "kernel.h"

#define EPERM 1
#define ENOSPC 28
#define EUSERS 87

#define VM_SHARED 0x00000008
#define CLONE_ARGS_SIZE_VER0 64

/* The beginning of struct clone_args, as user space lays it out. */
struct clone3_head {
	__u64 flags;
	__u64 pidfd;
};

struct clone3_memory {
	__u64 end;	 /* of the range */
	bool is_private; /* the range lies in one private anonymous mapping */
};

static long look_at_vma(struct task_struct *task, struct vm_area_struct *vma,
			struct clone3_memory *memory)
{
	vma = unvouched(vma);
	memory->is_private = !vma->vm_file && !(vma->vm_flags & VM_SHARED) &&
			     memory->end <= vma->vm_end;
	return 0;
}

/*
 * Shared memory has other writers. A private page of a file is the file's until it is
 * written to.
 */
static __always_inline bool lies_in_private_memory(struct task_struct *task, __u64 address)
{
	struct clone3_memory memory = { .end = address + sizeof(struct clone3_head) };

	/* Fails, and leaves is_private false, while the mm's lock is held. */
	bpf_find_vma(task, address, look_at_vma, &memory, 0);
	return memory.is_private;
}

/*
 * Whether only this task can have written to its memory since it made the call: no other
 * task has the memory, no thread has ended (its counts would be the process's now), and no
 * asynchronous I/O can write to it.
 */
static __always_inline bool is_alone(struct task_struct *task)
{
	struct signal_struct *signal;
	struct mm_struct *mm;

	task = unvouched(task);
	signal = task->signal;
	mm = task->mm;
	/*
	 * Before the counts, because the kernel adds a thread's counts before it lowers
	 * nr_threads.
	 */
	if (signal->nr_threads != 1)
		return false;
	if (signal->sum_sched_runtime || signal->nvcsw || signal->nivcsw || signal->min_flt)
		return false;
	if (bpf_core_field_exists(task->io_uring) && task->io_uring)
		return false;
	if (bpf_core_field_exists(mm->ioctx_table) && mm->ioctx_table)
		return false;
	return mm->mm_users.counter == 1;
}

/*
 * Whether the pidfd, 4 bytes, lies over the flags. The kernel can write the pidfd and
 * refuse the call after that; the flags are then gone.
 */
static __always_inline bool overwrites_itself(const struct clone3_head *head, __u64 address)
{
	return head->pidfd + 4 > address && head->pidfd < address + 4;
}

/* Errors that namespace flags cause, and hardly anything else does. */
static __always_inline bool is_about_namespaces(__s64 result)
{
	return result == -EPERM || result == -ENOSPC || result == -EUSERS;
}

/*
 * Whether a refused clone3 asked for namespaces, or may have. `kinds`: the flags of their
 * kinds, or 0 if the memory may have held others during the call.
 */
static __always_inline bool read_clone3(struct task_struct *task, __u64 address, __u64 bytes,
					__s64 result, __u64 *kinds)
{
	struct clone3_head head = {};
	bool are_known;

	*kinds = 0;
	/* The kernel refuses fewer bytes and does not read them. */
	if (bytes < CLONE_ARGS_SIZE_VER0)
		return false;
	are_known = bpf_probe_read_user(&head, sizeof(head), (void *)address) == 0;
	if (overwrites_itself(&head, address))
		return true;
	are_known = are_known && is_alone(task) && lies_in_private_memory(task, address);
	head.flags &= CLONE_NEW_ALL;
	if (are_known)
		*kinds = head.flags;
	return head.flags || (!are_known && is_about_namespaces(result));
}

#endif
