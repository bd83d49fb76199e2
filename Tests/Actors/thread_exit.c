/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <pthread.h>

static void *unshare_and_end(void *unused)
{
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("worker");
	return unused;
}

/* A thread unshares alone and ends, and its process goes on. */
int thread_exit(int argc, char **argv)
{
	pthread_t worker;

	(void)argc;
	(void)argv;
	report("leader");
	require(pthread_create(&worker, NULL, unshare_and_end, NULL) == 0, "start a thread");
	require(pthread_join(worker, NULL) == 0, "wait for the thread");
	report("after");
	return 0;
}
