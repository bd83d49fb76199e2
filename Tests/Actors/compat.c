/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>

#ifdef __x86_64__
/* The 32-bit entry, which no syscall tracepoint sees when 64-bit code takes it. */
static long compat_unshare(long flags)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(310L), "b"(flags) : "memory");
	return result;
}

static long compat_setns(int fd, long flags)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(346L), "b"((long)fd), "c"(flags)
			 : "memory");
	return result;
}
#else
static long compat_unshare(long flags)
{
	return unshare(flags);
}

static long compat_setns(int fd, long flags)
{
	return setns(fd, flags);
}
#endif

/* There and back again, and then a refusal: only who sees the calls themselves notices. */
static int come_back(void)
{
	int home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	require(home >= 0, "open its own UTS namespace");
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare by int $0x80");
	require(compat_setns(home, CLONE_NEWUTS) == 0, "setns by int $0x80");
	require(compat_unshare(CLONE_NEWIPC | 1) < 0, "be refused an unshare by int $0x80");
	return 0;
}

/*
 * compat fork|exec|exit: a new UTS namespace that is first noticed at that
 * occasion; compat hold: at none, for the actor stays until standard input ends;
 * compat back: one that the actor has left again by then.
 */
int compat(int argc, char **argv)
{
	pid_t child;

	require(argc == 1, "compat without an occasion");
	report("before");
	if (strcmp(argv[0], "back") == 0)
		return come_back();
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare by int $0x80");
	report("after");
	if (strcmp(argv[0], "hold") == 0)
		until_end_of_input();
	if (strcmp(argv[0], "exec") == 0)
		exec_report("program");
	if (strcmp(argv[0], "fork") == 0) {
		child = fork();
		require(child >= 0, "fork");
		if (child == 0) {
			report("child");
			_exit(0);
		}
		wait_for(child);
	}
	return 0;
}
