/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which mode the running kernel is, as far as tracing depends on it: whether
 * it preempts itself, whether ftrace is on, whether lockdown refuses BPF reads.
 */
#ifndef NST_MODE_H
#define NST_MODE_H

enum nst_preemption : int {
	NST_PREEMPTION_UNKNOWN = 0,
	NST_PREEMPTION_NONE = 1, /* none, voluntary: kernel code runs until it gives way */
	NST_PREEMPTION_FULL = 2, /* full, lazy, realtime: a task can be preempted in kernel code */
};

/*
 * Tells it from `version` (uname -v), `modes` (sched/preempt in debugfs) and
 * `cmdline` (/proc/cmdline); the last two are NULL where they can't be read.
 */
enum nst_preemption nst_preemption_of(const char *version, const char *modes, const char *cmdline);

/* Of the running kernel. */
enum nst_preemption nst_preemption(void);

/* A descriptor of the switch kernel.ftrace_enabled; -1: this kernel has none, or it can't be read. */
int nst_ftrace_open(void);

/* 0: it is off, so that programs attached by fentry and fexit do not run. */
int nst_ftrace_is_on(int fd);

/* Whether `modes` (lockdown in securityfs) says confidentiality; NULL: by `cmdline`. */
int nst_lockdown_of(const char *modes, const char *cmdline);

/* Whether the running kernel's lockdown refuses to let BPF programs read its memory. */
int nst_lockdown_refuses_bpf(void);

#endif
