/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* A vfork child shares all with its parent, and execs a program of its own. */
int vfork_exec(int argc, char **argv)
{
	pid_t child;

	(void)argc;
	(void)argv;
	report("before");
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("after");
	child = vfork();
	require(child >= 0, "vfork");
	if (child == 0)
		exec_report("program");
	wait_for(child);
	return 0;
}
