/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm WHAT SECONDS: makes a system call in a loop for so long. Prints how many
 * it made, and how many a second of processor time (its own and its children's).
 */
#define _GNU_SOURCE
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void reap(pid_t child)
{
	if (child < 0 || waitpid(child, NULL, 0) != child)
		err(1, "make a child");
}

static void do_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	reap(child);
}

/* The fastest fork: the child borrows its parent's memory. */
static void do_vfork(void)
{
	pid_t child = vfork();

	if (child == 0)
		_exit(0);
	reap(child);
}

static void do_clone(void)
{
	pid_t child = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL);

	if (child == 0)
		_exit(0);
	reap(child);
}

static void do_unshare(void)
{
	if (unshare(CLONE_NEWUTS) != 0)
		err(1, "unshare");
}

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static const struct {
	const char *name;
	void (*run)(void);
	int burst; /* calls between two readings of the clock */
} storms[] = {
	{ "fork", do_fork, 10 },	{ "vfork", do_vfork, 10 },	 { "clone", do_clone, 10 },
	{ "unshare", do_unshare, 100 }, { "getppid", do_getppid, 1000 },
};

static double seconds_of(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
	return time.tv_sec + time.tv_usec / 1e6;
}

static double spent(void)
{
	struct rusage children;

	getrusage(RUSAGE_CHILDREN, &children);
	return seconds_of(CLOCK_PROCESS_CPUTIME_ID) + seconds(children.ru_utime) +
	       seconds(children.ru_stime);
}

int main(int argc, char **argv)
{
	double end = argc == 3 ? seconds_of(CLOCK_MONOTONIC) + atof(argv[2]) : 0;
	unsigned long count = 0;

	for (size_t i = 0; argc == 3 && i < sizeof(storms) / sizeof(storms[0]); i++) {
		if (strcmp(argv[1], storms[i].name) != 0)
			continue;
		while (seconds_of(CLOCK_MONOTONIC) < end) {
			for (int n = 0; n < storms[i].burst; n++)
				storms[i].run();
			count += storms[i].burst;
		}
		printf("%lu %.0f\n", count, count / spent());
		return 0;
	}
	errx(64, "storm fork|vfork|clone|unshare|getppid SECONDS");
}
