/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <limits.h>
#include <pthread.h>

static void *stay_put(void *nothing)
{
	(void)nothing;
	for (;;)
		pause();
}

/* A process in a UTS namespace of its own, with `threads` further threads. */
static void hold_threads(int threads, int ready, int gate)
{
	pthread_attr_t small;
	pthread_t thread;
	char byte = 0;

	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	pthread_attr_init(&small);
	require(pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN) == 0, "choose a stack");
	pthread_attr_setguardsize(&small, 0);
	for (int i = 0; i < threads; i++)
		require(pthread_create(&thread, &small, stay_put, NULL) == 0, "start a thread");
	require(write(ready, &byte, 1) == 1, "say that it is ready");
	_exit(read(gate, &byte, 1) != 0);
}

/*
 * throng PROCESSES THREADS: keeps so many tasks until standard input ends. Prints
 * `all.ready=PROCESSES` once they exist.
 */
int throng(int argc, char **argv)
{
	int processes = argc == 2 ? atoi(argv[0]) : 0;
	int ready[2];
	char byte;

	require(argc == 2, "throng without PROCESSES and THREADS");
	require(pipe(ready) == 0, "make a pipe");
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0)
			hold_threads(atoi(argv[1]), ready[1], 0);
	}
	close(ready[1]);
	for (int i = 0; i < processes; i++)
		require(read(ready[0], &byte, 1) == 1, "see a child ready");
	report_number("all", "ready", processes);
	while (wait(NULL) > 0)
		;
	return 0;
}
