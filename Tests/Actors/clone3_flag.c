/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <linux/sched.h>

/*
 * clone3 KIND...: clone3(2) makes a child in new namespaces of those kinds; the child then
 * execs.
 */
int clone3_flag(int argc, char **argv)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t child;

	require(argc >= 1, "clone3 without a kind");
	for (int i = 0; i < argc; i++)
		args.flags |= flag_of(argv[i]);
	report("parent");
	child = syscall(SYS_clone3, &args, sizeof(args));
	require(child >= 0, "clone3");
	if (child == 0) {
		report("child");
		exec_report("program");
	}
	wait_for(child);
	return 0;
}
