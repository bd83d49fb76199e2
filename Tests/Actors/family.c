/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <signal.h>
#include <time.h>

/* Until standard input ends. */
static void stay(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		;
}

static void spin(long microseconds)
{
	struct timespec now;
	long until;

	clock_gettime(CLOCK_MONOTONIC, &now);
	until = now.tv_sec * 1000000 + now.tv_nsec / 1000 + microseconds;
	while (now.tv_sec * 1000000 + now.tv_nsec / 1000 < until)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

/* A child that stays, and one that leaves behind a child of its own: an orphan that stays. */
static void two_births(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (child == 0) {
		stay();
		_exit(0);
	}
	child = fork();
	require(child >= 0, "fork");
	if (child == 0) {
		if (fork() == 0)
			stay();
		_exit(0);
	}
	wait_for(child);
}

/*
 * family COUNT MICROSECONDS: says its tid, and after SIGUSR1 and that long
 * makes a family, COUNT times two births as fast as it can, says
 * `target.done=COUNT`, and ends with standard input.
 */
int family(int argc, char **argv)
{
	int count, number;
	sigset_t set;

	require(argc == 2, "family without COUNT and MICROSECONDS");
	count = atoi(argv[0]);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	require(sigprocmask(SIG_BLOCK, &set, NULL) == 0, "block a signal");
	report("target");
	require(sigwait(&set, &number) == 0, "wait for a signal");
	spin(atol(argv[1]));
	for (int i = 0; i < count; i++)
		two_births();
	report_number("target", "done", count);
	stay();
	return 0;
}
