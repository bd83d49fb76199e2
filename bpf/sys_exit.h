/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The third tier: one program at the return of every system call, compat ones
 * too, which have no tracepoints of their own. Every task pays for it at every
 * call, so only whoever asks for it gets it; and auto, when fexit programs turn
 * out to be skipped or not to run: a tracing program can be attached by its
 * descriptor alone, by a tracer that has no privileges any more.
 */
#ifndef NST_SYS_EXIT_H
#define NST_SYS_EXIT_H

enum {
	NR_CLONE = 56,
	NR_UNSHARE = 272,
	NR_SETNS = 308,
	NR_COMPAT_CLONE = 120,
	NR_COMPAT_UNSHARE = 310,
	NR_COMPAT_SETNS = 346,
};

static __always_inline int emit_call(__u32 number, __s64 result)
{
	switch (number) {
	case NR_UNSHARE:
		return emit_unshare(first_argument(), result);
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

/* The native call of the same name; 0: none of those that are looked at. */
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

SEC("tp_btf/sys_exit")
int BPF_PROG(call_exit, struct pt_regs___x86 *regs, long result)
{
	__u32 number = regs->orig_ax;

	/* Nearly all calls end here, be they compat or not. */
	if (number != NR_UNSHARE && number != NR_SETNS && number != NR_CLONE &&
	    number != NR_CLONE3 && !native_number(number))
		return 0;
	if (!by_sys_exit)
		return 0;
	if (is_compat(bpf_get_current_task_btf()))
		number = native_number(number);
	return emit_call(number, result);
}

#endif
