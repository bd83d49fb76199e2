/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <sys/mman.h>
#include <time.h>

struct shared {
	int stop;
	long made;
};

static struct shared *shared;

static void pin(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	require(sched_setaffinity(0, sizeof(first), &first) == 0, "stay on the first processor");
}

/* Unshares in a loop. It is mostly preempted in the middle of a call. */
static int unshare_idly(void)
{
	struct sched_param none = { 0 };

	become_nobody();
	require(unshare(CLONE_NEWUSER) == 0, "unshare user");
	require(sched_setscheduler(0, SCHED_IDLE, &none) == 0, "be idle");
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
		shared->made++;
	}
	return 0;
}

static long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

/* Burns time with pauses, in which the idle process moves on to another place in its call. */
static int burn(void)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	become_nobody();
	for (;;) {
		long began = microseconds();

		while (microseconds() - began < 3000)
			;
		nanosleep(&pause, NULL);
	}
}

static pid_t start(int (*body)(void))
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (child == 0)
		_exit(body());
	return child;
}

static void unshare_beside_them(int count)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	for (int i = 0; i < count; i++) {
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
		nanosleep(&pause, NULL);
	}
}

/*
 * preempted COUNT: root makes COUNT namespaces beside two processes of the user nobody on the same
 * processor. One, of SCHED_IDLE, unshares in a loop. The other takes the processor from
 * it, so that it stands preempted wherever it was.
 */
int preempted(int argc, char **argv)
{
	int count = argc == 1 ? atoi(argv[0]) : 0;
	pid_t idler, burner;

	require(count > 0, "preempted without a number");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	require(shared != MAP_FAILED, "share memory");
	pin();
	idler = start(unshare_idly);
	burner = start(burn);
	unshare_beside_them(count);
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
	kill(burner, SIGKILL);
	waitpid(burner, NULL, 0);
	wait_for(idler);
	report_number("victim", "tid", getpid());
	report_number("victim", "made", count);
	report_number("idler", "made", shared->made);
	return 0;
}
