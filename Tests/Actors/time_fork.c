/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* unshare(NEWTIME), and a child that is born into the namespace. */
int time_fork(int argc, char **argv)
{
	pid_t child;

	(void)argc;
	(void)argv;
	report("before");
	require(unshare(CLONE_NEWTIME) == 0, "unshare time");
	child = fork();
	require(child >= 0, "fork");
	if (child == 0) {
		report("child");
		_exit(0);
	}
	wait_for(child);
	report("after");
	return 0;
}
