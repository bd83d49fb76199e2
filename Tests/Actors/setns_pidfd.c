/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"
#include "target.h"

#define THREE (CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)
#define ALL (THREE | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWCGROUP)

/*
 * setns-pidfd [all]: makes three moves in one call, or seven: all kinds that clone(2) can
 * make, and that excludes time.
 */
int setns_pidfd(int argc, char **argv)
{
	int kinds = argc == 0 ? THREE : ALL;
	struct target target = start_target(kinds);
	int pidfd = syscall(SYS_pidfd_open, target.pid, 0);

	(void)argv;
	require(pidfd >= 0, "open a pidfd");
	report("before");
	require(setns(pidfd, kinds) == 0, "setns");
	report("after");
	end_target(target);
	return 0;
}
