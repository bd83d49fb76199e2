/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_OUTPUT_H
#define NST_OUTPUT_H

#include <sys/types.h>

/*
 * Writes what `fd` takes at once, without waiting where the kernel can say so
 * (pipes, sockets), and a little otherwise; -1 with errno, EAGAIN when it takes
 * nothing. O_NONBLOCK would do it too, for everyone who shares the terminal.
 */
ssize_t nst_write_some(int fd, const void *bytes, size_t count);

#endif
