/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

/* Execs an open file in a new UTS namespace; the program then prints where it is. */
static void become(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	execl(path, "nsactor", "program", "here", (char *)NULL);
	require(0, "exec itself");
}

static int in_memory(const char *name)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = memfd_create(name, 0);
	struct stat status;

	require(from >= 0 && to >= 0 && fstat(from, &status) == 0, "make a memfd");
	for (off_t at = 0; at < status.st_size;)
		require(sendfile(to, from, &at, status.st_size - at) > 0, "fill a memfd");
	close(from);
	return to;
}

/* Mounts the program's file alone, detached, as runc does with itself. */
static int detached(void)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | O_CLOEXEC);

	require(fd >= 0, "clone a mount");
	return fd;
}

/* Makes a namespace before the program's file is deleted, and one after it. */
static void lose_file(void)
{
	char path[PATH_MAX];
	ssize_t bytes = readlink("/proc/self/exe", path, sizeof(path) - 1);

	require(bytes > 0, "read /proc/self/exe");
	path[bytes] = 0;
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	require(unlink(path) == 0, "delete its program");
	require(unshare(CLONE_NEWIPC) == 0, "unshare ipc");
}

/* program here|deleted|memfd NAME|detached: cases for the path of a program. */
int program(int argc, char **argv)
{
	require(argc >= 1, "program without a place");
	if (strcmp(argv[0], "memfd") == 0 && argc == 2)
		become(in_memory(argv[1]));
	if (strcmp(argv[0], "detached") == 0)
		become(detached());
	if (strcmp(argv[0], "deleted") == 0)
		lose_file();
	else
		require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	return 0;
}
