/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is x86-64's own: registers, system call numbers, the test for a 32-bit call, names
 * of functions. Another architecture has a header of its own with the same names.
 */
#ifndef NST_ARCH_X86_H
#define NST_ARCH_X86_H

/* Before libbpf's headers, which use its types. */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#include "nsevents.h"

#define AUDIT_ARCH_X86_64 0xc000003e
#define AUDIT_ARCH_I386 0x40000003

enum {
	NR_CLONE = 56,
	NR_UNSHARE = 272,
	NR_SETNS = 308,
	NR_COMPAT_CLONE = 120,
	NR_COMPAT_UNSHARE = 310,
	NR_COMPAT_SETNS = 346,
};

/* The functions by which the kernel enters setns(2). */
#define SYS_SETNS "__x64_sys_setns"
#define COMPAT_SYS_SETNS "__ia32_sys_setns"

#define TS_COMPAT 0x0002

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
	__u32 status;
};

/* The kernel's own names; <asm/ptrace.h> has user space's. */
struct pt_regs___x86 {
	unsigned long r10;
	unsigned long bx;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};

#pragma clang attribute pop

/* A macro, because CO-RE does not find the flavour behind a typedef. */
#define syscall_regs pt_regs___x86

/*
 * Whether `task` is in a compat call. A macro, because struct task_struct is complete only
 * later.
 */
#define in_compat_syscall(task) (((task)->thread_info.status & TS_COMPAT) != 0)

static __always_inline __u32 syscall_number(const struct syscall_regs *regs)
{
	return regs->orig_ax;
}

static __always_inline __u64 first_argument(const struct syscall_regs *regs, bool is_compat)
{
	return is_compat ? (__u32)regs->bx : regs->di;
}

static __always_inline __u64 second_argument(const struct syscall_regs *regs, bool is_compat)
{
	return is_compat ? (__u32)regs->cx : regs->si;
}

/* Reads the number, the architecture and the arguments of a call. */
static __always_inline void read_syscall(const struct syscall_regs *regs, bool is_compat,
					 struct nst_call *call)
{
	call->number = syscall_number(regs);
	if (is_compat) {
		call->arch = AUDIT_ARCH_I386;
		call->args[0] = (__u32)regs->bx;
		call->args[1] = (__u32)regs->cx;
		call->args[2] = (__u32)regs->dx;
		call->args[3] = (__u32)regs->si;
	} else {
		call->arch = AUDIT_ARCH_X86_64;
		call->args[0] = regs->di;
		call->args[1] = regs->si;
		call->args[2] = regs->dx;
		call->args[3] = regs->r10;
	}
}

#endif
