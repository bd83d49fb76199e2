/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>

#ifndef NS_GET_ID
#define NS_GET_ID _IOR(0xb7, 13, uint64_t)
#endif

static const char *const slots[] = { "mnt",  "uts", "ipc",    "pid",  "pid_for_children",
				     "user", "net", "cgroup", "time", "time_for_children" };

void require(int ok, const char *what)
{
	if (ok)
		return;
	dprintf(2, "nsactor: cannot %s: %m\n", what);
	_exit(1);
}

/* One write for each, so that lines of several tasks do not mix. */
static void print(const char *text, int bytes)
{
	require(write(1, text, bytes) == bytes, "write");
}

static int append_slot(char *to, size_t room, const char *who, const char *slot)
{
	char path[64], link[64];
	unsigned long long id = 0;
	unsigned int inum;
	ssize_t bytes;
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", slot);
	bytes = readlink(path, link, sizeof(link) - 1);
	if (bytes < 0)
		return 0; /* pid_for_children before there is an init */
	link[bytes] = 0;
	require(sscanf(strchr(link, '[') ?: "", "[%u]", &inum) == 1, "understand /proc");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	require(fd >= 0, "open a namespace");
	if (ioctl(fd, NS_GET_ID, &id) != 0)
		id = 0;
	close(fd);
	return snprintf(to, room, "%s.%s=%u/%llu\n", who, slot, inum, id);
}

void report(const char *who)
{
	char text[PIPE_BUF], link[64];
	int used, tid;
	ssize_t bytes = readlink("/proc/thread-self", link, sizeof(link) - 1);

	require(bytes > 0, "read /proc/thread-self");
	link[bytes] = 0;
	require(sscanf(link, "%*d/task/%d", &tid) == 1, "understand /proc/thread-self");
	used = snprintf(text, sizeof(text), "%s.tid=%d\n", who, tid);
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		used += append_slot(text + used, sizeof(text) - used, who, slots[i]);
	print(text, used);
}

void report_number(const char *who, const char *key, long value)
{
	char text[128];

	print(text, snprintf(text, sizeof(text), "%s.%s=%ld\n", who, key, value));
}

void become_nobody(void)
{
	require(setresgid(65534, 65534, 65534) == 0, "drop the group");
	require(setresuid(65534, 65534, 65534) == 0, "drop privileges");
}

uint64_t flag_of(const char *kind)
{
	static const struct {
		const char *kind;
		uint64_t flag;
	} flags[] = {
		{ "mnt", CLONE_NEWNS },	       { "uts", CLONE_NEWUTS },	  { "ipc", CLONE_NEWIPC },
		{ "pid", CLONE_NEWPID },       { "user", CLONE_NEWUSER }, { "net", CLONE_NEWNET },
		{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].kind, kind) == 0)
			return flags[i].flag;
	}
	dprintf(2, "nsactor: there is no kind '%s'\n", kind);
	_exit(64);
}

void exec_report(const char *who)
{
	execl("/proc/thread-self/exe", "nsactor", "report", who, (char *)NULL);
	require(0, "exec");
	_exit(1);
}

void wait_for(pid_t child)
{
	int status;

	require(waitpid(child, &status, __WALL) > 0, "wait for a child");
	require(WIFEXITED(status) && WEXITSTATUS(status) == 0, "see a child succeed");
}

pid_t raw_clone(uint64_t flags)
{
	return syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0UL);
}
