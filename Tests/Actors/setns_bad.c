/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>

/* setns with a descriptor that is none: with a kind, and without one. */
int setns_bad(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	report("before");
	require(setns(-1, CLONE_NEWUTS) == -1 && errno == EBADF, "be refused setns uts");
	require(setns(-1, 0) == -1 && errno == EBADF, "be refused setns");
	return 0;
}
