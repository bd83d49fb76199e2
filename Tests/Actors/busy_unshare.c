/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

static int loop(int count)
{
	while (count-- > 0)
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	return 0;
}

/* busy-unshare PROCESSES COUNT: each of PROCESSES makes COUNT calls of unshare without a pause. */
int busy_unshare(int argc, char **argv)
{
	int processes = argc == 2 ? atoi(argv[0]) : 0;
	int count = argc == 2 ? atoi(argv[1]) : 0;

	require(processes > 0 && count > 0, "busy-unshare without two numbers");
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0)
			_exit(loop(count));
	}
	for (int i = 0; i < processes; i++) {
		int status;

		require(wait(&status) > 0 && status == 0, "a process failed");
	}
	report_number("busy", "made", (long)processes * count);
	return 0;
}
