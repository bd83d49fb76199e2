/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>

/* The vfork child of a task with a new time namespace moves there at its exec, not at its birth. */
int vfork_time(int argc, char **argv)
{
	pid_t child;

	(void)argc;
	(void)argv;
	report("before");
	require(unshare(CLONE_NEWTIME) == 0, "unshare time");
	child = vfork();
	/* Before 6.3 a child that shares memory cannot be born into another time namespace. */
	if (child < 0 && errno == EINVAL)
		return 0;
	require(child >= 0, "vfork");
	if (child == 0)
		exec_report("program");
	wait_for(child);
	return 0;
}
