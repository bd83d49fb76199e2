/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"
#include "target.h"

#define KINDS (CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)

/* setns(pidfd, three flags): three moves in one call. */
int setns_pidfd(int argc, char **argv)
{
	struct target target = start_target(KINDS);
	int pidfd = syscall(SYS_pidfd_open, target.pid, 0);

	(void)argc;
	(void)argv;
	require(pidfd >= 0, "open a pidfd");
	report("before");
	require(setns(pidfd, KINDS) == 0, "setns");
	report("after");
	end_target(target);
	return 0;
}
