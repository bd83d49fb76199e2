/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Longer than any test. */
#define FLOOD_SECONDS 300

static atomic_bool is_over;
static atomic_long made;

static void *make_until_over(void *nothing)
{
	long count = 0;

	(void)nothing;
	for (; !is_over; count++)
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	made += count;
	return NULL;
}

/*
 * flood THREADS: nobody, in a user namespace of its own, makes UTS namespaces in so many
 * threads until standard input ends. Prints how many.
 */
int flood(int argc, char **argv)
{
	int count = argc == 1 ? atoi(argv[0]) : 0;
	pthread_t threads[64];

	require(count > 0 && count <= 64, "flood without THREADS");
	become_nobody();
	alarm(FLOOD_SECONDS);
	require(unshare(CLONE_NEWUSER | CLONE_NEWUTS) == 0, "unshare user and uts");
	made = 1;
	for (int i = 0; i < count; i++)
		require(pthread_create(&threads[i], NULL, make_until_over, NULL) == 0,
			"start a thread");
	report_number("flood", "ready", count);
	until_end_of_input();
	is_over = true;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	report_number("flood", "made", made);
	return 0;
}

static void map_ids(pid_t pid, const char *file, const char *map)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	require(fd >= 0 && write(fd, map, strlen(map)) == (ssize_t)strlen(map), path);
	close(fd);
}

/* As a subordinate user, in a further user namespace. */
static int make_as(uid_t uid, int count)
{
	require(setresuid(uid, uid, uid) == 0, "become a subordinate user");
	require(unshare(CLONE_NEWUSER | CLONE_NEWUTS) == 0, "unshare user and uts");
	while (--count > 0)
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	return 0;
}

static int own_users(int users, int count, int ready, int gate)
{
	char byte = 0;

	become_nobody();
	require(unshare(CLONE_NEWUSER) == 0, "unshare user");
	require(write(ready, &byte, 1) == 1 && read(gate, &byte, 1) == 1, "wait for the maps");
	/* A task without a mapped group may not make another namespace. */
	require(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0, "become root in it");
	for (int i = 0; i < users; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0)
			_exit(make_as(i + 1, count));
	}
	for (int i = 0; i < users; i++) {
		int status;

		require(wait(&status) > 0 && status == 0, "a user failed");
	}
	return 0;
}

/*
 * flood-users USERS COUNT: nobody owns a user namespace with a range of subordinate users, so
 * many of which make COUNT namespaces each. Prints how many calls that took.
 */
int flood_users(int argc, char **argv)
{
	int users = argc == 2 ? atoi(argv[0]) : 0;
	int count = argc == 2 ? atoi(argv[1]) : 0;
	int ready[2], gate[2];
	char byte = 0;
	pid_t child;

	require(users > 0 && users < 60000 && count > 0, "flood-users without two numbers");
	require(pipe(ready) == 0 && pipe(gate) == 0, "make a pipe");
	child = fork();
	require(child >= 0, "fork");
	if (child == 0)
		_exit(own_users(users, count, ready[1], gate[0]));
	require(read(ready[0], &byte, 1) == 1, "see the namespace");
	map_ids(child, "uid_map", "0 100000 60000");
	map_ids(child, "gid_map", "0 100000 60000");
	require(write(gate[1], &byte, 1) == 1, "say that it is mapped");
	wait_for(child);
	report_number("flood", "made", 1 + (long)users * count);
	return 0;
}
