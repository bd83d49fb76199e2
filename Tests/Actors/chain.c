/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* Forks a child that does the same with one link less; the last one reports that it is there. */
static void add_link(int links, int done)
{
	char byte = 0;
	pid_t child;

	if (links == 0) {
		require(write(done, &byte, 1) == 1, "say that it is done");
		return;
	}
	child = fork();
	require(child >= 0, "fork");
	if (child == 0)
		add_link(links - 1, done);
}

/*
 * chain COUNT: a process with a child, which has a child, and so on: COUNT below it. Prints
 * its tid and, when all are there, `target.done=COUNT`. They end with standard input.
 */
int chain(int argc, char **argv)
{
	pid_t first = getpid();
	int count, done[2];
	char byte;

	require(argc == 1, "chain without COUNT");
	count = atoi(argv[0]);
	report("target");
	require(pipe(done) == 0, "make a pipe");
	add_link(count, done[1]);
	if (getpid() == first) {
		require(read(done[0], &byte, 1) == 1, "see the last one");
		report_number("target", "done", count);
	}
	until_end_of_input();
	return 0;
}
