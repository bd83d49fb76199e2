/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#define THREADS 99

static pthread_barrier_t all_there;
static pid_t maker_tid;

static void *stay(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&all_there);
	for (;;)
		pause();
}

static void *unshare_and_leave_many(void *unused)
{
	pthread_t thread;

	maker_tid = gettid();
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("maker");
	for (int i = 0; i < THREADS; i++)
		require(pthread_create(&thread, NULL, stay, NULL) == 0, "start a thread");
	return unused;
}

/*
 * A thread makes a namespace and ends. 99 other threads share it, and one exit_group ends
 * them all.
 */
int thread_crowd(int argc, char **argv)
{
	pthread_t maker;

	(void)argc;
	(void)argv;
	require(pthread_barrier_init(&all_there, NULL, THREADS + 1) == 0, "make a barrier");
	require(pthread_create(&maker, NULL, unshare_and_leave_many, NULL) == 0, "start a thread");
	join(maker, &maker_tid);
	pthread_barrier_wait(&all_there);
	return 0;
}
