/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SWITCH records: returns of unshare and setns, and refused clones. One of three tiers
 * sees them: tracepoints, fexit programs, or sys_exit.
 */
#ifndef NST_SYSCALLS_H
#define NST_SYSCALLS_H

#include "arch_x86.h"
#include "carried.h"
#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "read_call.h"
#include "read_clone3.h"
#include "read_set.h"
#include "read_task.h"
#include "share.h"

/*
 * Whether sys_exit reports, and fexit programs do not. User space can set it while both
 * are attached.
 */
volatile __u32 by_sys_exit;

#define SHORT_PROCTITLE_BYTES 32

_Static_assert(sizeof(struct nst_switch) % 8 == 0, "a record's size");

/*
 * Reserves a record with cleared room for a proctitle. `room` is constant, because the
 * size of every reservation has to be.
 */
static __always_inline struct nst_switch *reserve_room(__u32 room)
{
	struct nst_switch *record = reserve(NST_KIND_SWITCH, sizeof(*record) + room);

	if (record)
		__builtin_memset(record + 1, 0, room);
	return record;
}

static __always_inline struct nst_switch *reserve_switch(const struct proctitle *title)
{
	if (title->bytes <= SHORT_PROCTITLE_BYTES)
		return reserve_room(SHORT_PROCTITLE_BYTES);
	return reserve_room(NST_PROCTITLE_BYTES);
}

/*
 * Reports that current returns from a system call about namespaces. The record is put
 * together in the ring, in one of two sizes. An fexit program can be preempted, and the
 * next program on the CPU would use the same scratch memory.
 */
static __always_inline int emit_switch(__u16 op, __s64 result, __u64 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct proctitle title;
	struct nst_switch *record;

	if (!admit(NST_KIND_SWITCH))
		return 0;
	title = find_proctitle(task);
	record = reserve_switch(&title);
	if (!record) {
		brake();
		return 0;
	}
	if (!read_set(task, &record->set)) {
		bpf_ringbuf_discard(record, 0);
		return 0;
	}
	read_subject(task, &record->subject);
	read_call(task, &record->call);
	record->call.op = op;
	record->call.result = result;
	record->call.flags = flags;
	record->call.proctitle_bytes = read_proctitle(&title, record + 1, &record->hdr);
	remember(task, &record->set);
	submit(record);
	brake();
	return 0;
}

/* ERESTARTSYS and its like (512..516) stay inside the kernel, which makes the call again. */
static __always_inline bool is_refusal(__s64 result)
{
	return result < 0 && !(result <= -512 && result >= -516);
}

static __always_inline int emit_unshare(__u64 flags, __s64 result)
{
	flags &= CLONE_NEW_ALL;
	return flags ? emit_switch(NST_OP_UNSHARE, result, flags) : 0;
}

static __always_inline int emit_setns(__s64 result)
{
	__u64 flags = second_argument_of(bpf_get_current_task_btf()) & CLONE_NEW_ALL;

	return emit_switch(NST_OP_SETNS, result, flags);
}

/* Only refusals: task_newtask reports a clone that succeeds, before the child runs. */
static __always_inline int emit_refused_clone(__s64 result)
{
	__u64 flags;

	if (!is_refusal(result))
		return 0;
	flags = first_argument_of(bpf_get_current_task_btf()) & CLONE_NEW_CLONE;
	return flags ? emit_switch(NST_OP_CLONE, result, flags) : 0;
}

static __always_inline int emit_refused_clone3(__s64 result)
{
	struct task_struct *task;
	__u64 kinds;

	if (!is_refusal(result))
		return 0;
	task = bpf_get_current_task_btf();
	if (!read_clone3(task, first_argument_of(task), second_argument_of(task), result, &kinds))
		return 0;
	return emit_switch(NST_OP_CLONE3, result, kinds);
}

/*
 * clone and clone3, as fexit sees them. clone's flags come without their exit signal, so
 * no signal is taken for CLONE_NEWTIME.
 */
static __always_inline int emit_refused_kernel_clone(const struct kernel_clone_args *args,
						     __s64 result)
{
	bool is_clone3;
	__u64 flags;

	if (!is_refusal(result) || by_sys_exit)
		return 0;
	flags = args->flags & CLONE_NEW_ALL;
	is_clone3 = syscall_number(saved_regs(bpf_get_current_task_btf())) == NR_CLONE3;
	return flags ? emit_switch(is_clone3 ? NST_OP_CLONE3 : NST_OP_CLONE, result, flags) : 0;
}

/* The number of the native call of the same name; 0 if it is not about namespaces. */
static __always_inline __u32 native_number(__u32 compat_number)
{
	switch (compat_number) {
	case NR_COMPAT_UNSHARE:
		return NR_UNSHARE;
	case NR_COMPAT_SETNS:
		return NR_SETNS;
	case NR_COMPAT_CLONE:
		return NR_CLONE;
	case NR_CLONE3:
		return NR_CLONE3;
	default:
		return 0;
	}
}

static __always_inline bool is_about_namespaces_natively(__u32 number)
{
	return number == NR_UNSHARE || number == NR_SETNS || number == NR_CLONE ||
	       number == NR_CLONE3;
}

static __always_inline int emit_native_call(__u32 number, __s64 result)
{
	switch (number) {
	case NR_UNSHARE:
		return emit_unshare(first_argument_of(bpf_get_current_task_btf()), result);
	case NR_SETNS:
		return emit_setns(result);
	case NR_CLONE:
		return emit_refused_clone(result);
	case NR_CLONE3:
		return emit_refused_clone3(result);
	default:
		return 0;
	}
}

/* Reports any system call at sys_exit. */
static __always_inline int emit_call(__u32 number, __s64 result)
{
	/* Nearly all calls end here, native and compat ones. */
	if (!is_about_namespaces_natively(number) && !native_number(number))
		return 0;
	if (!by_sys_exit)
		return 0;
	if (in_compat_syscall(bpf_get_current_task_btf()))
		number = native_number(number);
	return emit_native_call(number, result);
}

#endif
