// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "command.h"
#include "sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* As a shell says it. */
enum { CANNOT_EXECUTE = 126, NOT_FOUND = 127 };

static void run(const struct nst_command *command, int tracer)
{
	int32_t error;
	char told;

	/* The tracer has ended before it followed. */
	if (recv(tracer, &told, 1, 0) != 1)
		_exit(CANNOT_EXECUTE);
	error = command->user ? -nst_become(command->user, command->uid, command->gid) : 0;
	if (error == 0) {
		execvpe(command->arguments[0], command->arguments, command->environment);
		error = errno;
	}
	send(tracer, &error, sizeof(error), MSG_NOSIGNAL);
	_exit(error == ENOENT ? NOT_FOUND : CANNOT_EXECUTE);
}

pid_t nst_command_start(const struct nst_command *command, int *fd)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run(command, ends[1]);
	}
	if (pid < 0)
		pid = -errno;
	/* Where it is ignored, as some who start the tracer have it, a child's status is lost. The child keeps it. */
	signal(SIGCHLD, SIG_DFL);
	close(ends[1]);
	*fd = ends[0];
	if (pid < 0)
		close(ends[0]);
	return pid;
}

int nst_command_execute(int fd)
{
	int32_t error = 0;
	ssize_t count;

	if (send(fd, "", 1, MSG_NOSIGNAL) != 1) {
		close(fd);
		return EPIPE;
	}
	/* execve(2) closes the other end. */
	do
		count = recv(fd, &error, sizeof(error), 0);
	while (count < 0 && errno == EINTR);
	close(fd);
	return count == sizeof(error) ? error : 0;
}

int nst_command_status(pid_t pid)
{
	int status;
	pid_t ended = waitpid(pid, &status, WNOHANG);

	if (ended == 0 || (ended < 0 && errno == EINTR))
		return -1;
	if (ended < 0)
		return -errno - 1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
