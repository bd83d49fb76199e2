/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <pthread.h>

#define CHILDREN 40

static const uint64_t flags[] = { CLONE_NEWUTS,	 CLONE_NEWIPC, CLONE_NEWNS,   CLONE_NEWCGROUP,
				  CLONE_NEWTIME, CLONE_NEWPID, CLONE_NEWUSER, 0 };

static void *unshare_and_stay(void *barrier)
{
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	pthread_barrier_wait(barrier);
	for (;;)
		pause();
}

/* A process with two threads. The leader unshares by `number`, the other thread a UTS namespace. */
static void stay(int number, int gate, int ready)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	char byte = 0;

	require(unshare(flags[number % 8]) == 0, "unshare");
	if (number % 8 != 5) { /* 5 moves pid_for_children, which forbids threads */
		require(pthread_barrier_init(&barrier, NULL, 2) == 0, "make a barrier");
		require(pthread_create(&thread, NULL, unshare_and_stay, &barrier) == 0,
			"start a thread");
		pthread_barrier_wait(&barrier);
	}
	require(write(ready, &byte, 1) == 1, "say that it is ready");
	_exit(read(gate, &byte, 1) != 0);
}

/*
 * Keeps many tasks in many namespaces until standard input ends. Prints `all.ready=N` once
 * they exist.
 */
int hold(int argc, char **argv)
{
	pid_t children[CHILDREN];
	int ready[2];
	char byte;

	(void)argc;
	(void)argv;
	require(pipe(ready) == 0, "make a pipe");
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		require(children[i] >= 0, "fork");
		if (children[i] == 0)
			stay(i, 0, ready[1]);
	}
	for (int i = 0; i < CHILDREN; i++)
		require(read(ready[0], &byte, 1) == 1, "see a child ready");
	report_number("all", "ready", CHILDREN);
	for (int i = 0; i < CHILDREN; i++)
		wait_for(children[i]);
	return 0;
}
