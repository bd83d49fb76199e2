/* SPDX-License-Identifier: Apache-2.0 */
/* signalfd(2), which Swift's Glibc module does not have. */
#ifndef NST_SIGNALS_H
#define NST_SIGNALS_H

/*
 * Blocks SIGINT, SIGTERM, SIGHUP and SIGWINCH for the calling thread and the
 * threads that it starts. Returns a descriptor that is readable while one of
 * them is pending; -1 with errno.
 */
int nst_signals_open(void);

/* Takes a pending signal and returns its number; 0: none is pending. */
int nst_signals_take(int fd);

#endif
