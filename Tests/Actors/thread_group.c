/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <pthread.h>

#define THREADS 20

static pthread_barrier_t all_there;

static void *stay(void *number)
{
	if (number) {
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
		report("worker");
	}
	pthread_barrier_wait(&all_there);
	for (;;)
		pause();
}

/* Twenty threads, one of them in its own UTS namespace, are all ended by one exit_group. */
int thread_group(int argc, char **argv)
{
	static int marker;
	pthread_t thread;

	(void)argc;
	(void)argv;
	report("leader");
	require(pthread_barrier_init(&all_there, NULL, THREADS + 1) == 0, "make a barrier");
	for (int i = 0; i < THREADS; i++) {
		void *mark = i == THREADS / 2 ? &marker : NULL;

		require(pthread_create(&thread, NULL, stay, mark) == 0, "start a thread");
	}
	pthread_barrier_wait(&all_there);
	return 0;
}
