/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <unistd.h>

/* After POLLOUT a pipe takes PIPE_BUF bytes without blocking; a terminal takes fewer, see output.h. */
static ssize_t write_little(int fd, const void *bytes, size_t count)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };

	if (poll(&poller, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, bytes, count < PIPE_BUF ? count : PIPE_BUF);
}

ssize_t nst_write_some(int fd, const void *bytes, size_t count)
{
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = count };
	struct stat status;
	ssize_t written;

	if (fstat(fd, &status) != 0)
		return -1;
	if (S_ISREG(status.st_mode))
		return write(fd, bytes, count);
	if (S_ISSOCK(status.st_mode))
		return send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!S_ISFIFO(status.st_mode))
		return write_little(fd, bytes, count);
	written = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
	return written < 0 && errno == EOPNOTSUPP ? write_little(fd, bytes, count) : written;
}

long long nst_free_bytes(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 ? (long long)status.f_bavail * status.f_bsize : -1;
}
