/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int nst_accept(int socket)
{
	return accept4(socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

pid_t nst_peer_pid(int socket)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : -1;
}

int nst_peer_user(int socket, uid_t *user)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return -1;
	*user = peer.uid;
	return 0;
}

static int pinned(int socket)
{
	int fd = -1;
	socklen_t size = sizeof(fd);

	return getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0 ? fd : -1;
}

int nst_peer_pidfd(int socket, pid_t pid)
{
	int fd = pinned(socket);

	if (fd >= 0)
		return fd;
	if (errno != ENOPROTOOPT)
		return -1;
	return syscall(SYS_pidfd_open, pid, 0);
}

/* As /proc/self/fdinfo has it: -1 of a process that has ended. */
static pid_t pid_of(int pidfd)
{
	char path[64], line[128];
	int pid = 0;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	info = fopen(path, "re");
	if (!info)
		return 0;
	while (fgets(line, sizeof(line), info) && sscanf(line, "Pid: %d", &pid) != 1)
		;
	fclose(info);
	return pid > 0 ? pid : 0;
}

int nst_peer_pinned(int socket, pid_t *pid)
{
	int fd = pinned(socket);

	*pid = fd >= 0 ? pid_of(fd) : 0;
	return fd;
}
