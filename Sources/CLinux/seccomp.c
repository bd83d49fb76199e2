/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

#define INSTRUCTIONS_MAX 512

struct filter {
	struct sock_filter code[INSTRUCTIONS_MAX];
	/* of what there is no room for only the number is kept */
	unsigned short length;
};

static void put(struct filter *filter, struct sock_filter instruction)
{
	if (filter->length < INSTRUCTIONS_MAX)
		filter->code[filter->length] = instruction;
	filter->length++;
}

#define PUT(filter, ...) put(filter, (struct sock_filter)__VA_ARGS__)
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define LOAD_NUMBER LOAD(offsetof(struct seccomp_data, nr))

static void put_call(struct filter *filter, int call)
{
	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
	PUT(filter, RETURN(SECCOMP_RET_ALLOW));
}

static void put_rule(struct filter *filter, const struct nst_rule *rule)
{
	unsigned int low = offsetof(struct seccomp_data, args) + 8 * rule->argument;

	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, 5));
	PUT(filter, LOAD(low));
	PUT(filter, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->mask));
	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1));
	PUT(filter, RETURN(SECCOMP_RET_ALLOW));
	PUT(filter, LOAD_NUMBER);
}

static void make_filter(struct filter *filter, const struct nst_calls *lists, size_t count)
{
	filter->length = 0;
	PUT(filter, LOAD(offsetof(struct seccomp_data, arch)));
	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0));
	PUT(filter, RETURN(SECCOMP_RET_KILL_PROCESS));
	PUT(filter, LOAD_NUMBER);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < lists[i].calls_count; j++)
			put_call(filter, lists[i].calls[j]);
		for (size_t j = 0; j < lists[i].rules_count; j++)
			put_rule(filter, &lists[i].rules[j]);
	}
	PUT(filter, RETURN(SECCOMP_RET_ERRNO | EPERM));
}

int nst_allow_only(const struct nst_calls *lists, size_t count)
{
	struct filter filter;
	struct sock_fprog program = { .filter = filter.code };

	make_filter(&filter, lists, count);
	if (filter.length > INSTRUCTIONS_MAX)
		return -E2BIG;
	program.len = filter.length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
		return -errno;
	return 0;
}
