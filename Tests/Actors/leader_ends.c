/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <pthread.h>

/* Whether the leader of this process has ended and is a zombie. */
static int is_gone(void)
{
	char path[64], text[256], *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	file = fopen(path, "re");
	require(file && fgets(text, sizeof(text), file), path);
	fclose(file);
	state = strrchr(text, ')');
	return state && state[2] == 'Z';
}

static void *outlive(void *then)
{
	while (!is_gone())
		sched_yield();
	require(unshare(CLONE_NEWIPC) == 0, "unshare ipc");
	report("worker");
	if (then && strcmp(then, "exec") == 0)
		exec_report("program");
	if (then)
		until_end_of_input();
	_exit(0);
}

/*
 * leader-ends [exec|hold]: the leader unshares and ends. The remaining thread has its
 * namespace, makes another one, and ends, execs, or stays until standard input ends.
 */
int leader_ends(int argc, char **argv)
{
	pthread_t worker;

	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	require(pthread_create(&worker, NULL, outlive, argc == 1 ? argv[0] : NULL) == 0,
		"start a thread");
	pthread_exit(NULL);
}
