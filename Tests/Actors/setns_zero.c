/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"
#include "target.h"

#include <fcntl.h>

/*
 * Calls setns(fd, 0) with another process's UTS namespace, and stays there after that
 * process has ended.
 */
int setns_zero(int argc, char **argv)
{
	struct target target = start_target(CLONE_NEWUTS);
	char path[64];
	int fd;

	(void)argc;
	(void)argv;
	report("before");
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", target.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	require(fd >= 0, "open the target's UTS namespace");
	require(setns(fd, 0) == 0, "setns");
	report("after");
	end_target(target);
	return 0;
}
