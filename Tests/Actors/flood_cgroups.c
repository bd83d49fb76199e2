/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

/* Longer than any test. */
#define FLOOD_SECONDS 300
#define STACK_BYTES 16384

static int has_input_ended(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	return poll(&input, 1, 0) == 1;
}

static void *stay(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}

static void start_threads(int count)
{
	pthread_attr_t small;
	pthread_t thread;

	require(pthread_attr_init(&small) == 0, "make attributes");
	require(pthread_attr_setstacksize(&small, STACK_BYTES) == 0, "set the size of stacks");
	while (--count > 0)
		require(pthread_create(&thread, &small, stay, NULL) == 0, "start a thread");
}

static void move_to(int directory)
{
	int fd = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && write(fd, "0", 1) == 1, "move to the cgroup");
	close(fd);
}

static int open_child(int directory, const char *name)
{
	int fd;

	require(mkdirat(directory, name, 0755) == 0 || errno == EEXIST, name);
	fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(fd >= 0, name);
	return fd;
}

static int open_own(const char *path)
{
	int fd;

	alarm(FLOOD_SECONDS);
	become_nobody();
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(fd >= 0, path);
	return fd;
}

/*
 * flood-moves DIRECTORY THREADS: nobody, who owns this cgroup and is in it, moves a process of so
 * many threads between two of its own until standard input ends. Prints how many moves that took.
 */
int flood_moves(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	int directory, pair[2];
	long made = 0;

	require(count > 0, "flood-moves without DIRECTORY and THREADS");
	directory = open_own(argv[0]);
	pair[0] = open_child(directory, "a");
	pair[1] = open_child(directory, "b");
	start_threads(count);
	report_number("flood", "ready", count);
	for (; !has_input_ended(); made++)
		move_to(pair[made & 1]);
	report_number("flood", "made", made);
	return 0;
}

/*
 * flood-renames DIRECTORY SIBLINGS: nobody, who owns this cgroup of v1, makes so many in it, and
 * renames one of them until standard input ends. Prints how many times, and removes them.
 */
int flood_renames(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	char names[2][32] = { "renamed", "again" };
	int directory;
	long made = 0;
	char name[32];

	require(count > 0, "flood-renames without DIRECTORY and SIBLINGS");
	directory = open_own(argv[0]);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "sibling-%d", i);
		close(open_child(directory, name));
	}
	close(open_child(directory, names[0]));
	report_number("flood", "ready", count);
	for (; !has_input_ended(); made++)
		require(renameat(directory, names[made & 1], directory, names[~made & 1]) == 0,
			"rename");
	report_number("flood", "made", made);
	unlinkat(directory, names[made & 1], AT_REMOVEDIR);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "sibling-%d", i);
		unlinkat(directory, name, AT_REMOVEDIR);
	}
	return 0;
}

/*
 * flood-cgroups DIRECTORY COUNT: nobody, who owns this cgroup, makes so many in it. Prints how many, and
 * removes them once standard input has ended.
 */
int flood_cgroups(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	int directory;
	char name[32];

	require(count > 0, "flood-cgroups without DIRECTORY and COUNT");
	directory = open_own(argv[0]);
	report_number("flood", "ready", count);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		require(mkdirat(directory, name, 0755) == 0, name);
	}
	report_number("flood", "made", count);
	until_end_of_input();
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		unlinkat(directory, name, AT_REMOVEDIR);
	}
	return 0;
}
