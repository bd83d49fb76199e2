/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>

/* Forks and reaps as fast as it can until standard input ends. */
static void fork_on(int ready)
{
	char byte = 0;

	/* Lets tasks that start meanwhile run, even on two cores. */
	require(nice(19) != -1, "be nice");
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	require(write(ready, &byte, 1) == 1, "say that it is ready");
	while (read(0, &byte, 1) == -1 && errno == EAGAIN) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0)
			_exit(0);
		wait_for(child);
	}
	_exit(0);
}

/*
 * fork-storm MAKERS: each of MAKERS processes, in a UTS namespace of its own, forks and
 * reaps until standard input ends. Prints `all.ready=MAKERS` once they do.
 */
int fork_storm(int argc, char **argv)
{
	int makers = argc == 1 ? atoi(argv[0]) : 0;
	int ready[2];
	char byte;

	require(pipe(ready) == 0, "make a pipe");
	require(fcntl(0, F_SETFL, O_NONBLOCK) == 0, "read without waiting");
	for (int i = 0; i < makers; i++) {
		pid_t maker = fork();

		require(maker >= 0, "fork");
		if (maker == 0)
			fork_on(ready[1]);
	}
	for (int i = 0; i < makers; i++)
		require(read(ready[0], &byte, 1) == 1, "see a maker ready");
	report_number("all", "ready", makers);
	for (int i = 0; i < makers; i++)
		wait_for(-1);
	return 0;
}
