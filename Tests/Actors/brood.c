/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* Says that it is there, and makes a UTS namespace once the gate is open. */
static void wait_and_unshare(int ready, int gate)
{
	char byte = 0;

	require(write(ready, &byte, 1) == 1, "say that it is there");
	require(read(gate, &byte, 1) == 0, "wait for the gate");
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
}

/* A child that has a child of its own. */
static void be_parent(int ready, int gate)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	wait_and_unshare(ready, gate);
	if (child == 0)
		_exit(0);
	wait_for(child);
	_exit(0);
}

static void await(int signal)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, signal);
	require(sigwait(&set, &number) == 0, "wait for a signal");
}

static void block(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	require(sigprocmask(SIG_BLOCK, &set, NULL) == 0, "block a signal");
}

/*
 * brood COUNT: prints its tid. After SIGUSR1 it has COUNT children with a child each, and
 * prints `target.done=COUNT`. After SIGUSR2 each of these makes a UTS namespace and ends.
 */
int brood(int argc, char **argv)
{
	int count, ready[2], gate[2];
	char byte;

	require(argc == 1, "brood without COUNT");
	count = atoi(argv[0]);
	block(SIGUSR1);
	block(SIGUSR2);
	require(pipe(ready) == 0 && pipe(gate) == 0, "make pipes");
	report("target");
	await(SIGUSR1);
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0) {
			close(gate[1]);
			be_parent(ready[1], gate[0]);
		}
	}
	for (int i = 0; i < 2 * count; i++)
		require(read(ready[0], &byte, 1) == 1, "see all of them");
	report_number("target", "done", count);
	await(SIGUSR2);
	close(gate[1]);
	for (int i = 0; i < count; i++)
		require(wait(NULL) > 0, "wait for a child");
	return 0;
}
