/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#define CROWD 6

/*
 * make-crowd COUNT: six processes at once each unshare a UTS namespace COUNT times. An
 * inode number that one of them frees is given to another before either call has returned.
 */
int make_crowd(int argc, char **argv)
{
	long count = argc == 1 ? atol(argv[0]) : 1000;
	pid_t children[CROWD];

	for (int i = 0; i < CROWD; i++) {
		children[i] = fork();
		require(children[i] >= 0, "fork");
		if (children[i] == 0) {
			for (long n = 0; n < count; n++)
				require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
			_exit(0);
		}
	}
	for (int i = 0; i < CROWD; i++)
		wait_for(children[i]);
	report_number("crowd", "made", CROWD * count);
	return 0;
}
