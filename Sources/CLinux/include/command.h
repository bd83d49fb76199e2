/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_COMMAND_H
#define NST_COMMAND_H

#include <sys/types.h>

/* A program that is started at once, and executes when it is told. */
struct nst_command {
	/* found in PATH, as execvp(3) does */
	char *const *arguments;
	char *const *environment;
	/* the name of the user that it becomes, with these numbers; NULL: it stays as it is */
	const char *user;
	uid_t uid;
	gid_t gid;
};

/*
 * Forks it. It has the standard descriptors, and nothing that is opened later. Call it before a signal is blocked.
 * Returns its pid, and where to tell it; or -errno.
 */
pid_t nst_command_start(const struct nst_command *command, int *fd);

/* Has it execute, and closes the descriptor. Returns 0 once it has, or the errno with which it could not. */
int nst_command_execute(int fd);

/*
 * Its exit status as a shell has it, 128 + N for signal N, once it has ended; -1: it has not, -errno - 1 if that is not
 * known.
 */
int nst_command_status(pid_t pid);

#endif
