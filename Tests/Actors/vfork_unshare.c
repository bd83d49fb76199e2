/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* A vfork child shares its parent's memory, and unshares for itself alone. */
int vfork_unshare(int argc, char **argv)
{
	pid_t child;

	(void)argc;
	(void)argv;
	report("before");
	child = vfork();
	require(child >= 0, "vfork");
	if (child == 0)
		_exit(unshare(CLONE_NEWUTS) != 0);
	wait_for(child);
	report("after");
	return 0;
}
