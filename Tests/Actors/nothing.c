/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>

/* Makes calls that could change a namespace and do not. */
int nothing(int argc, char **argv)
{
	int home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	pid_t child;

	(void)argc;
	(void)argv;
	require(home >= 0, "open its own UTS namespace");
	require(unshare(0) == 0, "unshare nothing");
	require(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM) == 0,
		"unshare what is no namespace");
	require(setns(home, CLONE_NEWUTS) == 0, "enter where it is");
	require(setns(home, 0) == 0, "enter where it is, without saying what");
	child = raw_clone(0);
	require(child >= 0, "clone");
	if (child == 0)
		_exit(0);
	wait_for(child);
	return 0;
}
