/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* nested-users DEPTH [refused]: nests user namespaces, and tries one too many. */
int nested_users(int argc, char **argv)
{
	int depth = argc >= 1 ? atoi(argv[0]) : 0;
	char who[32];

	report("level0");
	for (int level = 1; level <= depth; level++) {
		require(unshare(CLONE_NEWUSER) == 0, "unshare user");
		/* A task without a mapped user may not make another namespace. */
		write_file("/proc/self/setgroups", "deny");
		write_file("/proc/self/uid_map", "0 0 1");
		write_file("/proc/self/gid_map", "0 0 1");
		snprintf(who, sizeof(who), "level%d", level);
		report(who);
	}
	if (argc == 2)
		require(unshare(CLONE_NEWUSER) == -1 && errno == ENOSPC, "be refused one more");
	return 0;
}
