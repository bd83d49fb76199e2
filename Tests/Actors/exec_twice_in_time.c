/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/*
 * exec-twice-in-time [ROUND]: execs into a time namespace, and from there into another, so
 * that the first one ends at an exec.
 */
int exec_twice_in_time(int argc, char **argv)
{
	if (argc == 0)
		report("before");
	else
		report("first");
	(void)argv;
	require(unshare(CLONE_NEWTIME) == 0, "unshare time");
	if (argc > 0)
		exec_report("second");
	execl("/proc/self/exe", "nsactor", "exec-twice-in-time", "again", (char *)NULL);
	require(0, "exec");
	return 1;
}
