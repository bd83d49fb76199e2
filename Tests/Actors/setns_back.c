/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>

/* Enters a new UTS namespace, and goes back. */
int setns_back(int argc, char **argv)
{
	int original = open("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC);

	(void)argc;
	(void)argv;
	require(original >= 0, "open the UTS namespace");
	report("before");
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("away");
	require(setns(original, CLONE_NEWUTS) == 0, "go back");
	report("after");
	return 0;
}
