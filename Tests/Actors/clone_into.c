/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <fcntl.h>
#include <linux/sched.h>

/* clone-into DIRECTORY KIND: clone3(2) makes a child in that cgroup of v2 and a new namespace. */
int clone_into(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	pid_t child;
	int directory;

	require(argc == 2, "clone-into without a directory and a kind");
	directory = open(argv[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(directory >= 0, "open the cgroup");
	args.cgroup = directory;
	args.flags |= flag_of(argv[1]);
	child = syscall(SYS_clone3, &args, sizeof(args));
	require(child >= 0, "clone3 into a cgroup");
	if (child == 0) {
		report("child");
		_exit(0);
	}
	wait_for(child);
	return 0;
}
