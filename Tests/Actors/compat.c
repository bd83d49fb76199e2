/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#ifdef __x86_64__
/* The 32-bit entry, which no syscall tracepoint sees when 64-bit code takes it. */
static long compat_unshare(long flags)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(310L), "b"(flags) : "memory");
	return result;
}
#else
static long compat_unshare(long flags)
{
	return unshare(flags);
}
#endif

/* compat fork|exec|exit: a new UTS namespace that is first noticed at that occasion. */
int compat(int argc, char **argv)
{
	pid_t child;

	require(argc == 1, "compat without an occasion");
	report("before");
	require(compat_unshare(CLONE_NEWUTS) == 0, "unshare by int $0x80");
	report("after");
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
