/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of system calls. */
#ifndef NST_SECCOMP_H
#define NST_SECCOMP_H

#include <linux/types.h>
#include <stddef.h>

#define NST_ALL_BITS 0xffffffff

/*
 * A call that is allowed if the low half of `argument`, masked, equals `value`.
 * The kernel reads no more than that half of these arguments.
 */
struct nst_rule {
	int call;
	unsigned int argument;
	__u32 value;
	__u32 mask;
};

/* The calls that are allowed, as they are and by rules. */
struct nst_calls {
	const int *calls;
	size_t calls_count;
	const struct nst_rule *rules;
	size_t rules_count;
};

#define NST_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NST_CALLS(calls, rules)                                                                    \
	{                                                                                          \
		calls, NST_COUNT(calls), rules, NST_COUNT(rules)                                   \
	}

/*
 * From now on every other system call fails with EPERM, and one by another
 * architecture's numbers kills the process. Also sets no_new_privs. 0 or -errno.
 */
int nst_allow_only(const struct nst_calls *lists, size_t count);

#endif
