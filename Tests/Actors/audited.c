/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* What the kernel's audit has an event of. */

/* libaudit.h; <linux/audit.h> has only the range. */
#define USER_LOGIN 1112

/* A message of user space, as login programs send it. */
static int log_in(void)
{
	struct {
		struct nlmsghdr header;
		char text[256];
	} message = { .header = { .nlmsg_type = USER_LOGIN,
				  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
				  .nlmsg_seq = 1 } };
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} reply;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	require(fd >= 0, "no netlink socket");
	snprintf(
		message.text, sizeof(message.text),
		"op=login acct=\"root\" exe=\"/bin/login\" hostname=? addr=? terminal=pts/0 res=success");
	message.header.nlmsg_len = NLMSG_LENGTH(strlen(message.text) + 1);
	require(sendto(fd, &message, message.header.nlmsg_len, 0, (struct sockaddr *)&kernel,
		       sizeof(kernel)) > 0,
		"a message is not sent");
	require(recv(fd, &reply, sizeof(reply), 0) >= (ssize_t)offsetof(typeof(reply), error.msg),
		"no reply");
	require(reply.error.error == 0, "the kernel refuses the message");
	close(fd);
	return 0;
}

/* A file that its owner has closed; root in a container may have the capability to open it. */
static int open_refused(const char *path)
{
	if (setresuid(65534, 65534, 65534) != 0)
		require(errno == EPERM, "another user");
	require(open(path, O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES, "it can be opened");
	return 0;
}

/* The kernel kills it for a call that its filter forbids. */
static int killed_by_seccomp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
	require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "a filter");
	syscall(SYS_getppid);
	return 1;
}

int audited(int argc, char **argv)
{
	require(argc >= 1, "audited login, refused FILE or killed");
	if (strcmp(argv[0], "login") == 0)
		return log_in();
	if (strcmp(argv[0], "killed") == 0)
		return killed_by_seccomp();
	require(argc >= 2 && strcmp(argv[0], "refused") == 0, "refused FILE");
	return open_refused(argv[1]);
}
