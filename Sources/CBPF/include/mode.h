/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modes of the running kernel that tracing depends on: whether it preempts
 * itself, whether ftrace is on, whether lockdown refuses BPF reads.
 */
#ifndef NST_MODE_H
#define NST_MODE_H

enum nst_preemption : int {
	NST_PREEMPTION_UNKNOWN = 0,
	NST_PREEMPTION_NONE = 1, /* none, voluntary: kernel code runs until it schedules */
	NST_PREEMPTION_FULL = 2, /* full, lazy, realtime: kernel code can be preempted */
};

/*
 * The preemption mode by `version` (uname -v), `modes` (sched/preempt in
 * debugfs) and `cmdline` (/proc/cmdline). The last two are NULL if they can't
 * be read.
 */
enum nst_preemption nst_preemption_of(const char *version, const char *modes, const char *cmdline);

/* The preemption mode of the running kernel. */
enum nst_preemption nst_preemption(void);

/* A descriptor of the sysctl kernel.ftrace_enabled; -1 if it can't be opened. */
int nst_ftrace_open(void);

/* Whether the sysctl is on; if it is 0, programs attached by fentry and fexit do not run. */
int nst_ftrace_is_on(int fd);

/*
 * Whether lockdown is in confidentiality mode, by `modes` (lockdown in
 * securityfs), or by `cmdline` if `modes` is NULL.
 */
int nst_lockdown_of(const char *modes, const char *cmdline);

/* Whether the running kernel's lockdown keeps BPF programs from reading kernel memory. */
int nst_lockdown_refuses_bpf(void);

#endif
