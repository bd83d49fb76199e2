/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <attendant.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* What an exploited tracer sends its attendant, which runs as it does beside a real one. */

#define FLOOD 200

/* The error of the next reply. A descriptor that comes with it is closed. */
static long next_error(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct nst_attendant_reply reply;
	int received;

	require(poll(&ready, 1, 10000) == 1, "hear from the attendant");
	require(nst_attendant_receive(fd, &reply, &received) == 1, "have a reply");
	if (received >= 0)
		close(received);
	return reply.error;
}

static void try_bytes(int fd, const char *name, const void *bytes, size_t size)
{
	require(send(fd, bytes, size, 0) == (ssize_t)size, "send");
	report_number("attended", name, next_error(fd));
}

static void try_kind(int fd, const char *name, uint32_t kind)
{
	struct nst_attendant_request request = { .serial = 1, .kind = kind };

	try_bytes(fd, name, &request, sizeof(request));
}

static void try_descriptors(int fd)
{
	struct nst_attendant_request request = { .serial = 1, .kind = ~0U };
	struct iovec part = { &request, sizeof(request) };
	int attached[2] = { 0, 1 };
	char room[CMSG_SPACE(sizeof(attached))] __attribute__((aligned(8))) = { 0 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(attached));
	memcpy(CMSG_DATA(header), attached, sizeof(attached));
	require(sendmsg(fd, &message, 0) == sizeof(request), "send descriptors");
	report_number("attended", "with_descriptors", next_error(fd));
}

static long count_descriptors(pid_t pid)
{
	char path[64];
	long count = 0;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	require(directory != NULL, "see the attendant's descriptors");
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* Sends without reading: the attendant waits, and answers all. */
static long overload(int fd)
{
	struct nst_attendant_request request = { .serial = 1, .kind = ~0U };
	long sent = 0, answered = 0;

	while (sent < FLOOD && nst_attendant_send(fd, &request) == 0)
		sent++;
	while (answered < sent && next_error(fd) == ENOSYS)
		answered++;
	return answered == sent;
}

/* attended LOG: garbage for an attendant of that log. */
int attended(int argc, char **argv)
{
	struct nst_attendant_plan plan = { .log_keep = 2, .routes = -1, .is_confined = 1 };
	char bytes[4096];
	int fd;
	pid_t pid;
	long before;

	require(argc == 1, "attended without a log");
	plan.log = argv[0];
	pid = nst_attendant_start(&plan, &fd);
	require(pid > 0 && next_error(fd) == 0, "start an attendant");
	before = count_descriptors(pid);
	memset(bytes, 0xff, sizeof(bytes));
	try_bytes(fd, "short", bytes, 1);
	try_bytes(fd, "long", bytes, sizeof(bytes));
	try_kind(fd, "kind_0", 0);
	try_kind(fd, "kind_4", 4);
	try_kind(fd, "kind_max", ~0U);
	try_descriptors(fd);
	report_number("attended", "descriptors_kept", count_descriptors(pid) - before);
	report_number("attended", "flood_answered", overload(fd));
	try_kind(fd, "reopen", NST_ATTENDANT_REOPEN_LOG);
	close(fd);
	wait_for(pid);
	return 0;
}
