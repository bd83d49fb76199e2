/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Longer than any test. */
#define FLOOD_SECONDS 300

static atomic_bool is_over;
static atomic_long made;
static int pair[2];

/* Makes a UTS namespace and stays in it; returns a descriptor of it. */
static int make_uts(void)
{
	int fd;

	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	made++;
	fd = open("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC);
	require(fd >= 0, "open the namespace");
	return fd;
}

/* Waits to be registered, then has a child in the other namespace. */
static void be_container(int gate)
{
	char byte;

	require(read(gate, &byte, 1) == 0, "wait for the gate");
	if (fork() == 0)
		require(setns(pair[0], CLONE_NEWUTS) == 0, "setns uts");
	for (;;)
		pause();
}

static void *toggle_until_over(void *nothing)
{
	long count = 0;

	(void)nothing;
	for (; !is_over; count++)
		require(setns(pair[count & 1], CLONE_NEWUTS) == 0, "setns uts");
	made += count;
	return NULL;
}

/*
 * flood-setns CONTAINERS THREADS: nobody makes two UTS namespaces, and processes to be registered
 * as containers, whose PIDs it prints. After a line of standard input each forks a child, so that
 * each uses both namespaces, and threads go from one to the other until standard input ends. Prints
 * how many calls that took. The containers are killed by the end.
 */
int flood_setns(int argc, char **argv)
{
	int containers = argc == 2 ? atoi(argv[0]) : 0;
	int count = argc == 2 ? atoi(argv[1]) : 0;
	pthread_t threads[64];
	int gate[2];
	char byte;

	require(containers > 0 && count > 0 && count <= 64, "flood-setns without two numbers");
	become_nobody();
	alarm(FLOOD_SECONDS);
	require(setpgid(0, 0) == 0, "lead a process group");
	require(unshare(CLONE_NEWUSER) == 0, "unshare user");
	made = 1;
	pair[0] = make_uts();
	pair[1] = make_uts();
	require(pipe(gate) == 0, "make a pipe");
	for (int i = 0; i < containers; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0) {
			close(gate[1]);
			be_container(gate[0]);
		}
		report_number("flood", "target", child);
	}
	report_number("flood", "ready", containers);
	require(read(0, &byte, 1) == 1, "wait for the registrations");
	close(gate[1]);
	made += containers;
	for (int i = 0; i < count; i++)
		require(pthread_create(&threads[i], NULL, toggle_until_over, NULL) == 0,
			"start a thread");
	until_end_of_input();
	is_over = true;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	report_number("flood", "made", made);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return 0;
}
