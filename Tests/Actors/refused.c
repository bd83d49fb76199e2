/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <linux/sched.h>
#include <sys/prctl.h>

/* What the kernel refuses to one who may not, or who asks for nonsense. */
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

/* refused invalid|unshare|clone|clone3: all but the first as nobody. */
int refused(int argc, char **argv)
{
	require(argc == 1, "be refused nothing in particular");
	report("before");
	if (strcmp(argv[0], "invalid") == 0)
		return refuse_invalid();
	require(setresgid(65534, 65534, 65534) == 0, "drop the group");
	require(setresuid(65534, 65534, 65534) == 0, "drop privileges");
	if (strcmp(argv[0], "unshare") == 0)
		return refuse_unshare();
	return strcmp(argv[0], "clone") == 0 ? refuse_clone() : refuse_clone3();
}
