/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

static void install_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = { .len = 1, .filter = &allow };

	require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "install a filter");
}

static void fork_once(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (child == 0)
		_exit(0);
	require(waitpid(child, NULL, 0) == child, "wait for the child");
}

/*
 * give-up: does nnp, seccomp or fork for each such line of standard input, and prints it
 * when it is done.
 */
int give_up(int argc, char **argv)
{
	char line[16];

	(void)argv;
	require(argc == 0, "give-up with arguments");
	dprintf(1, "ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "nnp\n") == 0)
			require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0,
				"give up new privileges");
		else if (strcmp(line, "seccomp\n") == 0)
			install_filter();
		else if (strcmp(line, "fork\n") == 0)
			fork_once();
		dprintf(1, "%s", line);
	}
	return 0;
}
