/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "audit_netlink.h"
#include "nsevents.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HEADER sizeof(struct nst_audit_message)
#define BUFFER_BYTES (8 << 20)
#define ANSWER_US 500000

static const char cut[] = " cut=1";

/* The text is received where it stays, behind the header that takes the place of netlink's. */
_Static_assert(HEADER == NLMSG_HDRLEN, "a header in place of another");
_Static_assert(((HEADER + NST_AUDIT_MESSAGE_BYTES + 7) & ~7UL) == NST_AUDIT_ROOM,
	       "the longest message");

static int fail_with(int fd, int error)
{
	close(fd);
	return -error;
}

/* Without CAP_NET_ADMIN the room is what net.core.rmem_max allows. */
static void make_room(int fd, int *buffer_bytes)
{
	const int wanted = BUFFER_BYTES;
	socklen_t size = sizeof(*buffer_bytes);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted));
	*buffer_bytes = 0;
	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, buffer_bytes, &size);
	/* The kernel doubles what is asked for, and says the double. */
	*buffer_bytes /= 2;
}

int nst_audit_open(int *buffer_bytes)
{
	const struct sockaddr_nl group = { .nl_family = AF_NETLINK,
					   .nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1) };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0)
		return -errno;
	/* Before it listens: what comes at once finds its room. */
	make_room(fd, buffer_bytes);
	if (bind(fd, (const struct sockaddr *)&group, sizeof(group)) != 0)
		return fail_with(fd, errno);
	return fd;
}

/* The received size counts: nlmsg_len of a multicast record lacks the header. */
static size_t finish(struct nst_audit_message *message, __u16 type, size_t received)
{
	char *text = (char *)(message + 1);
	size_t bytes = received - HEADER;

	if (bytes > NST_AUDIT_MESSAGE_BYTES) {
		bytes = NST_AUDIT_MESSAGE_BYTES;
		memcpy(text + bytes - (sizeof(cut) - 1), cut, sizeof(cut) - 1);
	}
	message->size = (HEADER + bytes + 7) & ~7UL;
	message->text_bytes = bytes;
	message->type = type;
	message->pad = 0;
	return message->size;
}

/* The size of the next message, in its place; 0: one that is none of the kernel's; or -errno. */
static ssize_t receive(int fd, struct nst_audit_message *place)
{
	struct sockaddr_nl from = { 0 };
	socklen_t size = sizeof(from);
	struct nlmsghdr header;
	ssize_t received = recvfrom(fd, place, HEADER + NST_AUDIT_MESSAGE_BYTES,
				    MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &size);

	if (received < 0)
		return -errno;
	if (from.nl_pid != 0 || received < (ssize_t)HEADER)
		return 0;
	memcpy(&header, place, sizeof(header));
	return finish(place, header.nlmsg_type, received);
}

size_t nst_audit_read(int fd, void *buffer, size_t capacity, unsigned int *found)
{
	size_t used = 0;

	*found = 0;
	while (capacity - used >= NST_AUDIT_ROOM) {
		ssize_t size = receive(fd, (void *)((char *)buffer + used));

		if (size >= 0) {
			used += size;
		} else if (size == -ENOBUFS) {
			*found |= NST_AUDIT_OVERRUN;
		} else if (size != -EINTR) {
			*found |= NST_AUDIT_EMPTIED;
			break;
		}
	}
	return used;
}

int nst_audit_dropped(int fd, __u32 *dropped)
{
	__u32 values[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(values);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size) != 0)
		return -errno;
	if (size <= SK_MEMINFO_DROPS * sizeof(values[0]))
		return -ENOPROTOOPT;
	*dropped = values[SK_MEMINFO_DROPS];
	return 0;
}

/* --- The status ------------------------------------------------------------------------------- */

int nst_audit_asker(void)
{
	const struct timeval patience = { .tv_usec = ANSWER_US };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		return fail_with(fd, errno);
	return fd;
}

union answer {
	struct nlmsghdr header;
	char bytes[1024];
};

/* By sendmsg(2), which the attendant may use. */
static int send_question(int fd, __u32 number)
{
	struct nlmsghdr question = { .nlmsg_len = NLMSG_HDRLEN,
				     .nlmsg_type = AUDIT_GET,
				     .nlmsg_flags = NLM_F_REQUEST,
				     .nlmsg_seq = number };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec part = { .iov_base = &question, .iov_len = sizeof(question) };
	struct msghdr message = { .msg_name = &kernel,
				  .msg_namelen = sizeof(kernel),
				  .msg_iov = &part,
				  .msg_iovlen = 1 };

	return sendmsg(fd, &message, 0) == sizeof(question) ? 0 : -errno;
}

static int refusal(const union answer *answer, size_t size)
{
	struct nlmsgerr error;

	if (size < NLMSG_HDRLEN + sizeof(error))
		return -EBADMSG;
	memcpy(&error, answer->bytes + NLMSG_HDRLEN, sizeof(error));
	return error.error < 0 ? error.error : -EBADMSG;
}

/* Older kernels tell less: what they leave out is zero. */
static int understand(const union answer *answer, size_t size, struct nst_audit_status *status)
{
	struct audit_status all = { 0 };
	size_t bytes = size - NLMSG_HDRLEN;

	if (answer->header.nlmsg_type == NLMSG_ERROR)
		return refusal(answer, size);
	if (answer->header.nlmsg_type != AUDIT_GET || bytes <= offsetof(struct audit_status, lost))
		return -EBADMSG;
	memcpy(&all, answer->bytes + NLMSG_HDRLEN, bytes < sizeof(all) ? bytes : sizeof(all));
	status->enabled = all.enabled;
	status->daemon = all.pid;
	status->lost = all.lost;
	return 0;
}

/* An answer to an earlier question, which came too late for it, is passed over. */
int nst_audit_ask(int fd, struct nst_audit_status *status)
{
	static __u32 number;
	union answer answer;
	int result = send_question(fd, ++number);

	while (result == 0) {
		struct sockaddr_nl from = { 0 };
		socklen_t length = sizeof(from);
		ssize_t size =
			recvfrom(fd, &answer, sizeof(answer), 0, (struct sockaddr *)&from, &length);

		if (size < 0 && errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (size >= NLMSG_HDRLEN && from.nl_pid == 0 && answer.header.nlmsg_seq == number)
			return understand(&answer, size, status);
	}
	return result;
}
