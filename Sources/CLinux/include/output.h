/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_OUTPUT_H
#define NST_OUTPUT_H

#include <sys/types.h>

/*
 * Writes as much as `fd` takes without blocking: a regular file takes all, a
 * pipe or socket what it has room for, another file at most PIPE_BUF bytes.
 * Returns the bytes written, or -1 with errno; EAGAIN: nothing was taken.
 * O_NONBLOCK would affect every process that shares the file. A terminal may
 * block even after POLLOUT, unless it was opened with O_NONBLOCK.
 */
ssize_t nst_write_some(int fd, const void *bytes, size_t count);

/* The bytes that are free for users on the file system of `fd`; -1 with errno. */
long long nst_free_bytes(int fd);

#endif
