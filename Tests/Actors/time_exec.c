/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* unshare(NEWTIME) changes only the time namespace for children; exec enters it. */
int time_exec(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report("before");
	require(unshare(CLONE_NEWTIME) == 0, "unshare time");
	report("between");
	exec_report("program");
}
