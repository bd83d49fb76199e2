/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <sys/prctl.h>

/*
 * Takes a name with quotes, a blank and a newline, which would end its field and its line,
 * and that is not UTF-8.
 */
int hostile_name(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report("before");
	require(prctl(PR_SET_NAME, "\"\n=\x1b[31m\xff x=1") == 0, "rename itself");
	require(unshare(CLONE_NEWUTS) == 0, "unshare");
	report("after");
	return 0;
}
