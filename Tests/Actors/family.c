/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <signal.h>
#include <time.h>

void until_end_of_input(void)
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

/* Makes a child that stays, and one that leaves an orphan of its own, which stays too. */
static void two_births(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (child == 0) {
		until_end_of_input();
		_exit(0);
	}
	child = fork();
	require(child >= 0, "fork");
	if (child == 0) {
		if (fork() == 0)
			until_end_of_input();
		_exit(0);
	}
	wait_for(child);
}

/* Prints its tid, and waits for SIGUSR1. */
static void await_start(void)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	require(sigprocmask(SIG_BLOCK, &set, NULL) == 0, "block a signal");
	report("target");
	require(sigwait(&set, &number) == 0, "wait for a signal");
}

/*
 * family COUNT MICROSECONDS: prints its tid. After SIGUSR1 and that delay it makes COUNT
 * times two births as fast as it can, and prints `target.done=COUNT`. It ends with
 * standard input.
 */
int family(int argc, char **argv)
{
	int count;

	require(argc == 2, "family without COUNT and MICROSECONDS");
	count = atoi(argv[0]);
	await_start();
	spin(atol(argv[1]));
	for (int i = 0; i < count; i++)
		two_births();
	report_number("target", "done", count);
	until_end_of_input();
	return 0;
}

/* One of a crowd: forks and reaps, reports that it is done, and stays. */
static void fork_and_stay(int rounds, int done)
{
	char byte = 0;

	for (int i = 0; i < rounds; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0)
			_exit(0);
		wait_for(child);
	}
	require(write(done, &byte, 1) == 1, "say that it is done");
	close(done);
	until_end_of_input();
	_exit(0);
}

/*
 * crowd COUNT ROUNDS: prints its tid. After SIGUSR1 it makes COUNT children, each of which
 * forks and reaps ROUNDS times and stays. It prints `target.done=COUNT` when all have, and
 * ends with standard input.
 */
int crowd(int argc, char **argv)
{
	int count, done[2];
	char byte;

	require(argc == 2, "crowd without COUNT and ROUNDS");
	count = atoi(argv[0]);
	await_start();
	require(pipe(done) == 0, "make a pipe");
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0)
			fork_and_stay(atoi(argv[1]), done[1]);
	}
	close(done[1]);
	for (int i = 0; i < count; i++)
		require(read(done[0], &byte, 1) == 1, "see all of them done");
	report_number("target", "done", count);
	until_end_of_input();
	return 0;
}
