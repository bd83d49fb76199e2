/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

static int gate[2];
static pid_t child, worker_tid;

static void *unshare_and_fork(void *unused)
{
	char byte;

	worker_tid = gettid();
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	child = fork();
	require(child >= 0, "fork");
	if (child == 0) {
		close(gate[1]);
		report("child");
		_exit(read(gate[0], &byte, 1) != 0);
	}
	return unused;
}

/* A thread forks in its own namespace, and the child stays there after the thread has ended. */
int thread_forks(int argc, char **argv)
{
	pthread_t worker;
	pid_t other;

	(void)argc;
	(void)argv;
	require(pipe(gate) == 0, "make a pipe");
	require(pthread_create(&worker, NULL, unshare_and_fork, NULL) == 0, "start a thread");
	join(worker, &worker_tid);
	other = fork();
	require(other >= 0, "fork");
	if (other == 0) {
		report("other");
		_exit(0);
	}
	wait_for(other);
	close(gate[1]);
	wait_for(child);
	return 0;
}
