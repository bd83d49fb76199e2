/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* unshare(NEWPID), and no task is ever born into the namespace. */
int pid_unused(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report("before");
	require(unshare(CLONE_NEWPID) == 0, "unshare pid");
	report("after");
	return 0;
}
