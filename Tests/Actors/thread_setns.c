/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>

static pthread_barrier_t stage;
static pid_t worker_tid;

static void *unshare_and_wait(void *unused)
{
	worker_tid = gettid();
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("worker");
	pthread_barrier_wait(&stage);
	pthread_barrier_wait(&stage);
	return unused;
}

/*
 * The leader enters the namespace that another thread made, stays there after that
 * thread's end, and goes back.
 */
int thread_setns(int argc, char **argv)
{
	int home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), fd;
	pthread_t worker;
	char path[64];

	(void)argc;
	(void)argv;
	require(home >= 0, "open its own UTS namespace");
	require(pthread_barrier_init(&stage, NULL, 2) == 0, "make a barrier");
	require(pthread_create(&worker, NULL, unshare_and_wait, NULL) == 0, "start a thread");
	pthread_barrier_wait(&stage);
	snprintf(path, sizeof(path), "/proc/self/task/%d/ns/uts", worker_tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	require(fd >= 0, "open the thread's UTS namespace");
	require(setns(fd, CLONE_NEWUTS) == 0, "enter it");
	report("leader");
	pthread_barrier_wait(&stage);
	join(worker, &worker_tid);
	require(setns(home, CLONE_NEWUTS) == 0, "go back");
	return 0;
}
