/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

/* Calls that the kernel refuses, for lack of rights or for their arguments. */
static int refuse_invalid(void)
{
	require(unshare(CLONE_NEWUTS | 1) == -1 && errno == EINVAL, "be refused an unshare");
	return 0;
}

static int refuse_unshare(void)
{
	require(unshare(CLONE_NEWUTS | CLONE_NEWNET) == -1 && errno == EPERM,
		"be refused an unshare");
	return 0;
}

static int refuse_clone(void)
{
	require(raw_clone(CLONE_NEWIPC) == -1 && errno == EPERM, "be refused a clone");
	return 0;
}

static int refuse_clone3(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = CLONE_NEWTIME | CLONE_NEWNS };

	require(syscall(SYS_clone3, &args, sizeof(args)) == -1 && errno == EPERM,
		"be refused a clone3");
	return 0;
}

/* Refused for its arguments alone: clone3's flags may not hold a signal. */
static int refuse_nonsense(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = CLONE_NEWUTS | SIGCHLD };

	require(syscall(SYS_clone3, &args, sizeof(args)) == -1 && errno == EINVAL,
		"be refused a clone3 that makes no sense");
	return 0;
}

/*
 * A task that shares its root and working directory with its child cannot give it another
 * mount namespace.
 */
static int refuse_shared(void)
{
	require(raw_clone(CLONE_NEWNS | CLONE_FS) == -1 && errno == EINVAL,
		"be refused a clone that shares too much");
	return 0;
}

/* Refused after the namespace was made, because the pid is taken. */
static int refuse_taken(void)
{
	pid_t taken[] = { getpid() };
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.flags = CLONE_NEWUTS,
		.set_tid = (uintptr_t)taken,
		.set_tid_size = 1,
	};

	require(syscall(SYS_clone3, &args, sizeof(args)) == -1 && errno == EEXIST,
		"be refused a pid that is taken");
	return 0;
}

/* Refused before the system call has begun, as by the filters of container runtimes. */
static int refuse_by_seccomp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up new privileges");
	require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "install a filter");
	require(unshare(CLONE_NEWUTS) == -1 && errno == EPERM, "be refused by the filter");
	return 0;
}

/* refused invalid|nonsense|seccomp|shared|taken|unshare|clone|clone3: the last three as user nobody. */
int refused(int argc, char **argv)
{
	require(argc == 1, "be refused nothing in particular");
	report("before");
	if (strcmp(argv[0], "invalid") == 0)
		return refuse_invalid();
	if (strcmp(argv[0], "nonsense") == 0)
		return refuse_nonsense();
	if (strcmp(argv[0], "shared") == 0)
		return refuse_shared();
	if (strcmp(argv[0], "taken") == 0)
		return refuse_taken();
	if (strcmp(argv[0], "seccomp") == 0)
		return refuse_by_seccomp();
	become_nobody();
	if (strcmp(argv[0], "unshare") == 0)
		return refuse_unshare();
	return strcmp(argv[0], "clone") == 0 ? refuse_clone() : refuse_clone3();
}
