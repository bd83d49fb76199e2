/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "audit_parts.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* What is sent: the kernel takes the last byte for the end of the text. */
struct message {
	struct nlmsghdr header;
	char text[NST_AUDIT_TEXT_MAX + 1];
};

/* What is received: an acknowledgement, or the status. */
union answer {
	struct nlmsghdr header;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} acknowledgement;
	struct {
		struct nlmsghdr header;
		struct audit_status status;
	} status;
	char room[1024];
};

/* The kernel answers within the call. Only the status comes from a thread of its own. */
#define PATIENCE_SECONDS 5

int nst_trail_open(void)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int trail = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (trail < 0)
		return -errno;
	if (setsockopt(trail, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0)
		return trail;
	close(trail);
	return -errno;
}

/* The size of the answer with that number, or -errno. */
static ssize_t receive(int trail, __u32 number, union answer *answer)
{
	ssize_t size;

	do
		size = recv(trail, answer, sizeof(*answer), 0);
	while ((size < 0 && errno == EINTR) ||
	       (size >= (ssize_t)sizeof(answer->header) && answer->header.nlmsg_seq != number));
	if (size < 0)
		return -errno;
	return size < (ssize_t)sizeof(answer->header) ? -EBADMSG : size;
}

/* 0 or -errno. */
static int error_in(const union answer *answer, ssize_t size)
{
	if (answer->header.nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	return size < (ssize_t)offsetof(union answer, acknowledgement.error.msg) ?
		       -EBADMSG :
		       answer->acknowledgement.error.error;
}

int nst_trail_is_enabled(int trail)
{
	struct nlmsghdr request = { .nlmsg_len = sizeof(request),
				    .nlmsg_type = AUDIT_GET,
				    .nlmsg_flags = NLM_F_REQUEST,
				    .nlmsg_seq = 1 };
	union answer answer = { 0 };
	ssize_t size;

	if (send(trail, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		return -errno;
	size = receive(trail, request.nlmsg_seq, &answer);
	if (size < 0)
		return size;
	if (answer.header.nlmsg_type != AUDIT_GET)
		return error_in(&answer, size);
	return answer.status.status.enabled != 0;
}

int nst_trail_send(int trail, uint16_t type, const char *text, size_t size)
{
	static __u32 number = 1;
	struct message message = { .header = { .nlmsg_len = NLMSG_LENGTH(size + 1),
					       .nlmsg_type = type,
					       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
					       .nlmsg_seq = ++number } };
	union answer answer = { 0 };
	ssize_t result;

	if (size > NST_AUDIT_TEXT_MAX)
		return -EMSGSIZE;
	memcpy(message.text, text, size);
	do
		result = send(trail, &message, message.header.nlmsg_len, MSG_NOSIGNAL);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return -errno;
	result = receive(trail, number, &answer);
	return result < 0 ? result : error_in(&answer, result);
}
