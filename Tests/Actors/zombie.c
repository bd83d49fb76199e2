/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/*
 * zombie KIND: a child that was born into a new namespace has exited, and is reaped only
 * when standard input ends. Until then the zombie keeps a PID and a user namespace, and no
 * other.
 */
int zombie(int argc, char **argv)
{
	siginfo_t info;
	pid_t child;
	char byte;

	require(argc == 1, "zombie without a kind");
	child = raw_clone(flag_of(argv[0]));
	require(child >= 0, "clone");
	if (child == 0)
		_exit(0);
	require(waitid(P_PID, child, &info, WEXITED | WNOWAIT) == 0, "see it exit");
	report_number("zombie", "pid", child);
	require(read(0, &byte, 1) == 0, "wait for the end of standard input");
	wait_for(child);
	return 0;
}
