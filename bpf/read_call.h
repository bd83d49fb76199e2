/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a task's system call from its saved registers, which keep the arguments until it
 * returns.
 */
#ifndef NST_READ_CALL_H
#define NST_READ_CALL_H

#include "arch_x86.h"
#include "kernel.h"
#include "nsevents.h"
#include "registered.h"

static __always_inline struct syscall_regs *saved_regs(struct task_struct *task)
{
	return (void *)bpf_task_pt_regs(task);
}

static __always_inline void read_call(struct task_struct *task, struct nst_call *call)
{
	read_syscall(saved_regs(task), in_compat_syscall(task), call);
	call->container = registration_of(task);
}

static __always_inline __u64 first_argument_of(struct task_struct *task)
{
	return first_argument(saved_regs(task), in_compat_syscall(task));
}

static __always_inline __u64 second_argument_of(struct task_struct *task)
{
	return second_argument(saved_regs(task), in_compat_syscall(task));
}

#endif
