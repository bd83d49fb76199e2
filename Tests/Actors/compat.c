/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

#ifdef __x86_64__
/* The 32-bit entry. No syscall tracepoint sees it when 64-bit code takes it. */
static long compat_call(long number, long first, long second)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

enum { CLONE = 120, UNSHARE = 310, SETNS = 346, CLONE3 = 435 };
#else
static long compat_call(long number, long first, long second)
{
	long result = syscall(number, first, second, 0L, 0L, 0L);

	return result < 0 ? -errno : result;
}

enum { CLONE = SYS_clone, UNSHARE = SYS_unshare, SETNS = SYS_setns, CLONE3 = SYS_clone3 };
#endif

static long compat_unshare(long flags)
{
	return compat_call(UNSHARE, flags, 0);
}

static long compat_setns(int fd, long flags)
{
	return compat_call(SETNS, fd, flags);
}

/* A page within reach of a 32-bit pointer. */
static struct clone_args *low_arguments(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	require(page != MAP_FAILED, "map a low page");
	return page;
}

/* Makes each of the four calls as the user nobody, and is refused. */
static int be_refused(void)
{
	struct clone_args *args = low_arguments();

	args->flags = CLONE_NEWNET;
	args->exit_signal = SIGCHLD;
	become_nobody();
	require(compat_unshare(CLONE_NEWUTS) == -EPERM, "be refused an unshare by int $0x80");
	require(compat_unshare(CLONE_NEWUTS | 1) == -EINVAL, "be refused nonsense by int $0x80");
	require(compat_setns(-1, CLONE_NEWUTS) == -EBADF, "be refused a setns by int $0x80");
	require(compat_call(CLONE, CLONE_NEWIPC | SIGCHLD, 0) == -EPERM,
		"be refused a clone by int $0x80");
	require(compat_call(CLONE3, (long)args, sizeof(*args)) == -EPERM,
		"be refused a clone3 by int $0x80");
	return 0;
}

/* Moves twice; the first namespace ends before the next fork, exec or exit. */
static int do_twice(void)
{
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare by int $0x80");
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare again by int $0x80");
	return 0;
}

/* Moves, moves back, and is refused. Only hooks at the calls themselves see it. */
static int come_back(void)
{
	int home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	require(home >= 0, "open its own UTS namespace");
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare by int $0x80");
	require(compat_setns(home, CLONE_NEWUTS) == 0, "setns by int $0x80");
	require(compat_unshare(CLONE_NEWIPC | 1) < 0, "be refused an unshare by int $0x80");
	return 0;
}

/* Waits for a byte, and enters the parent's UTS namespace. */
static void enter_parents(int gate)
{
	char byte;
	int pidfd;

	require(read(gate, &byte, 1) == 1, "wait for the parent");
	pidfd = syscall(SYS_pidfd_open, getppid(), 0);
	require(pidfd >= 0, "open a pidfd");
	require(setns(pidfd, CLONE_NEWUTS) == 0, "enter the parent's uts");
	_exit(0);
}

/* A child enters the namespace, and leaves it, before its maker reports anything. */
static int be_entered(void)
{
	int gate[2];
	pid_t child;

	require(pipe(gate) == 0, "make a pipe");
	child = fork();
	require(child >= 0, "fork");
	if (child == 0)
		enter_parents(gate[0]);
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare by int $0x80");
	require(write(gate[1], "", 1) == 1, "let the child go on");
	wait_for(child);
	require(unshare(CLONE_NEWIPC) == 0, "unshare ipc");
	return 0;
}

/*
 * compat fork|exec|exit: a new UTS namespace is first noticed at that occasion. compat
 * hold: it is noticed at none, because the actor stays until standard input ends. compat
 * back: the actor has left it again by then. compat twice: there are two. compat entered:
 * another task enters it first. compat refused: there is none.
 */
int compat(int argc, char **argv)
{
	pid_t child;

	require(argc == 1, "compat without an occasion");
	report("before");
	if (strcmp(argv[0], "back") == 0)
		return come_back();
	if (strcmp(argv[0], "twice") == 0)
		return do_twice();
	if (strcmp(argv[0], "entered") == 0)
		return be_entered();
	if (strcmp(argv[0], "refused") == 0)
		return be_refused();
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
