/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "attendant_parts.h"
#include "audit_netlink.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- Both sides ------------------------------------------------------------------------------- */

union rights {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/* 0 or -errno. */
static int send_reply(int fd, struct nst_attendant_reply *reply, int attached)
{
	union rights rights = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
					    .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS } };
	struct iovec part = { .iov_base = reply, .iov_len = sizeof(*reply) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (attached >= 0) {
		memcpy(CMSG_DATA(&rights.header), &attached, sizeof(int));
		message.msg_control = &rights;
		message.msg_controllen = sizeof(rights);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) == sizeof(*reply) ? 0 : -errno;
}

static int attached_to(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

int nst_attendant_receive(int fd, struct nst_attendant_reply *reply, int *received)
{
	union rights rights;
	struct iovec part = { .iov_base = reply, .iov_len = sizeof(*reply) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };
	ssize_t count = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*received = -1;
	if (count < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (count == 0)
		return 0;
	*received = attached_to(&message);
	return count == sizeof(*reply) && !(message.msg_flags & MSG_TRUNC) ? 1 : -EBADMSG;
}

int nst_attendant_send(int fd, const struct nst_attendant_request *request)
{
	ssize_t sent = send(fd, request, sizeof(*request), MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent == sizeof(*request) ? 0 : -errno;
}

/* --- The attendant ---------------------------------------------------------------------------- */

/* Anything else than a request is answered, too, so that the tracer does not wait in vain. */
static int serve_one(const struct nst_attendant *attendant)
{
	struct nst_attendant_request request = { 0 };
	struct nst_attendant_reply reply = { 0 };
	int fd = -1, result;
	/* No room for control messages: descriptors that were sent along are dropped. */
	ssize_t size = recv(attendant->socket, &request, sizeof(request), MSG_TRUNC);

	if (size <= 0)
		return size == 0 ? -EPIPE : -errno;
	if (size == sizeof(request)) {
		reply.serial = request.serial;
		fd = nst_attendant_do(attendant, &request, &reply);
	} else {
		reply.step = NST_ATTENDANT_UNDERSTAND;
		reply.error = EBADMSG;
	}
	result = send_reply(attendant->socket, &reply, fd);
	if (fd >= 0)
		close(fd);
	return result;
}

static void serve(const struct nst_attendant *attendant)
{
	int result;

	do
		result = serve_one(attendant);
	while (result == 0 || result == -EINTR);
	nst_attendant_remove_control(attendant);
	nst_attendant_remove_keep(attendant);
}

/* 0 or -errno. A path without a file, like "a/", was refused when the tracer opened it. */
static int find(const char *path, struct nst_place *place)
{
	char directory[PATH_MAX];
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;
	size_t length = slash ? (size_t)(slash - path) + 1 : 1;

	place->directory = -1;
	if (!path)
		return 0;
	if (strlen(name) > NAME_MAX || length >= sizeof(directory))
		return -ENAMETOOLONG;
	memcpy(directory, slash ? path : ".", length);
	directory[length] = 0;
	strcpy(place->name, name);
	place->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return place->directory < 0 ? -errno : 0;
}

static int open_as_it_is(const struct nst_place *place)
{
	return place->directory < 0 ?
		       -1 :
		       openat(place->directory, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* The log if it cannot be rotated; else -1. */
static int open_device(const struct nst_place *log)
{
	struct stat status;
	int fd = open_as_it_is(log);

	if (fd >= 0 && (fstat(fd, &status) != 0 || S_ISREG(status.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Opened again, because the tracer's descriptor has the claim: it must not outlive the tracer.
 * 0 or -errno.
 */
static int find_keep(struct nst_attendant *attendant, const struct nst_attendant_plan *plan)
{
	int result = find(plan->keep, &attendant->keep);

	attendant->keep_directory = -1;
	if (result != 0 || !plan->keep)
		return result;
	attendant->keep_directory = openat(attendant->keep.directory, attendant->keep.name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (attendant->keep_directory < 0)
		return -errno;
	for (int pin = 0; pin < NST_KEEPER_PINS; pin++)
		attendant->keeper[pin] = plan->keeper[pin];
	return 0;
}

static int prepare(struct nst_attendant *attendant, const struct nst_attendant_plan *plan)
{
	int result = find(plan->log, &attendant->log);

	if (result == 0)
		result = find(plan->socket, &attendant->control);
	if (result == 0)
		result = find_keep(attendant, plan);
	if (result != 0)
		return result;
	attendant->log_keep = plan->log_keep;
	attendant->routes = plan->routes;
	attendant->route_names = plan->route_names;
	attendant->route_count = plan->route_count;
	attendant->log_device = open_device(&attendant->log);
	attendant->control_socket = open_as_it_is(&attendant->control);
	attendant->audit = plan->asks_audit ? nst_audit_asker() : -1;
	return plan->asks_audit && attendant->audit < 0 ? attendant->audit : 0;
}

/* fork(2) has copied the mappings of the ring and of the programs' variables. */
static int unmap_bpf(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t room = 0;
	unsigned long begin, end;

	if (!maps)
		return -errno;
	while (getline(&line, &room, maps) > 0) {
		if (strstr(line, "anon_inode:bpf") && sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			munmap((void *)begin, end - begin);
	}
	free(line);
	fclose(maps);
	return 0;
}

static int compare(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

#define PLACES 9
#define KEPT_MAX (PLACES + NST_KEEPER_PINS)

/* Its own descriptors, in order; -1 for those that it has not. */
static void list_own(const struct nst_attendant *attendant, int kept[KEPT_MAX])
{
	const int places[PLACES] = { attendant->socket,		attendant->log.directory,
				     attendant->log_device,	attendant->control.directory,
				     attendant->control_socket, attendant->keep.directory,
				     attendant->keep_directory, attendant->audit,
				     attendant->routes };

	memcpy(kept, places, sizeof(places));
	for (int pin = 0; pin < NST_KEEPER_PINS; pin++)
		kept[PLACES + pin] = attendant->keep_directory < 0 ? -1 : attendant->keeper[pin];
	qsort(kept, KEPT_MAX, sizeof(kept[0]), compare);
}

/* Closes every descriptor but its own. */
static int close_others(const struct nst_attendant *attendant)
{
	int kept[KEPT_MAX];
	unsigned int next = 0;

	list_own(attendant, kept);
	for (size_t i = 0; i < KEPT_MAX; i++) {
		if (kept[i] < 0)
			continue;
		if ((unsigned int)kept[i] > next &&
		    syscall(SYS_close_range, next, kept[i] - 1, 0) != 0)
			return -errno;
		next = kept[i] + 1;
	}
	return syscall(SYS_close_range, next, ~0U, 0) == 0 ? 0 : -errno;
}

/* ^C and the end of a session reach all processes of the terminal: the tracer decides. */
static void ignore_signals(void)
{
	const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGWINCH };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/* The tracer may have died before the kernel was told to say so. */
static int follow_tracer(pid_t tracer)
{
	if (prctl(PR_SET_NAME, "nstrace-attend") != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return -errno;
	return getppid() == tracer ? 0 : -ESRCH;
}

static int enter_sandbox(const struct nst_attendant *attendant)
{
	const struct nst_attendant_places places = {
		.log = attendant->log.directory,
		.log_device = attendant->log_device,
		.control = attendant->control.directory,
		.keep = attendant->keep_directory,
		.above_keep = attendant->keep.directory,
		.audit = attendant->audit,
		.routes = attendant->routes,
	};

	return nst_attendant_confine(&places);
}

static int change_directory(const struct nst_attendant *attendant)
{
	int result = attendant->keep_directory < 0 ? chdir("/") : fchdir(attendant->keep_directory);

	return result == 0 ? 0 : -errno;
}

static int settle_in(struct nst_attendant *attendant, const struct nst_attendant_plan *plan,
		     pid_t tracer)
{
	int result = follow_tracer(tracer);

	ignore_signals();
	if (result == 0)
		result = prepare(attendant, plan);
	if (result == 0)
		result = unmap_bpf();
	if (result == 0)
		result = close_others(attendant);
	if (result == 0)
		result = change_directory(attendant);
	if (result == 0 && plan->is_confined)
		result = enter_sandbox(attendant);
	return result;
}

static void attend(int socket, const struct nst_attendant_plan *plan, pid_t tracer)
{
	struct nst_attendant attendant = {
		.socket = socket, .log_device = -1, .control_socket = -1, .audit = -1, .routes = -1
	};
	struct nst_attendant_reply ready = { 0 };
	int result = settle_in(&attendant, plan, tracer);

	if (result != 0) {
		ready.step = NST_ATTENDANT_UNDERSTAND;
		ready.error = -result;
	}
	if (send_reply(socket, &ready, -1) == 0 && result == 0)
		serve(&attendant);
	_exit(result != 0);
}

/* --- The tracer ------------------------------------------------------------------------------- */

pid_t nst_attendant_start(const struct nst_attendant_plan *plan, int *fd)
{
	pid_t tracer = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		attend(ends[1], plan, tracer);
	if (pid < 0)
		pid = -errno;
	close(ends[1]);
	*fd = ends[0];
	if (pid < 0)
		close(ends[0]);
	return pid;
}

int nst_attendant_pidfd(pid_t pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

void nst_attendant_reap(pid_t pid, int pidfd, int milliseconds)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	while (poll(&ended, 1, milliseconds) < 0 && errno == EINTR)
		;
	waitpid(pid, NULL, WNOHANG);
}
