/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <pthread.h>

static void *unshare_and_exec(void *unused)
{
	(void)unused;
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("worker");
	exec_report("program");
}

/* A thread that is not the leader unshares alone and execs, which makes it the leader. */
int thread_exec(int argc, char **argv)
{
	pthread_t worker;

	(void)argc;
	(void)argv;
	report("leader");
	require(pthread_create(&worker, NULL, unshare_and_exec, NULL) == 0, "start a thread");
	pthread_join(worker, NULL);
	return 1;
}
