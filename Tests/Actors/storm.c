/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* storm COUNT: makes COUNT children, one after the other, each with a new UTS namespace. */
int storm(int argc, char **argv)
{
	int count = argc == 1 ? atoi(argv[0]) : 0;

	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0) {
			require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
			_exit(0);
		}
		wait_for(child);
	}
	return 0;
}
