/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>

/* Leaves a network namespace that only a descriptor keeps, and enters it again. */
int setns_reenter(int argc, char **argv)
{
	int original = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), own;

	(void)argc;
	(void)argv;
	require(original >= 0, "open the network namespace");
	report("before");
	require(unshare(CLONE_NEWNET) == 0, "unshare net");
	report("first");
	own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	require(own >= 0, "open the new network namespace");
	require(setns(original, 0) == 0, "go back");
	require(setns(own, 0) == 0, "enter it again");
	report("again");
	return 0;
}
