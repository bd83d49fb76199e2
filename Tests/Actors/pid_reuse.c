/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <linux/sched.h>

/* Makes a child in a new namespace, with this pid if it is not 0; returns its pid after its end. */
static pid_t live_and_die(uint64_t flags, pid_t wanted)
{
	pid_t pids[] = { wanted };
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t child;

	if (wanted) {
		args.set_tid = (uintptr_t)pids;
		args.set_tid_size = 1;
	}
	child = syscall(SYS_clone3, &args, sizeof(args));
	require(child >= 0, "clone3 with that pid");
	if (child == 0) {
		report("child");
		_exit(0);
	}
	wait_for(child);
	return child;
}

/* Uses the same pid three times in a row, each time for a task in another kind of namespace. */
int pid_reuse(int argc, char **argv)
{
	pid_t pid = live_and_die(CLONE_NEWUTS, 0);

	(void)argc;
	(void)argv;
	require(live_and_die(CLONE_NEWIPC, pid) == pid, "have the same pid again");
	require(live_and_die(CLONE_NEWUTS, pid) == pid, "have it a third time");
	return 0;
}
