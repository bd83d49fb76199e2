/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* unshare(NEWTIME) moves only what children get; exec moves the task itself. */
int time_exec(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report("before");
	require(unshare(CLONE_NEWTIME) == 0, "unshare time");
	report("between");
	exec_report("program");
}
