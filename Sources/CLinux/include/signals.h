/* SPDX-License-Identifier: Apache-2.0 */
/* signalfd(2), which Swift's Glibc module does not have. */
#ifndef NST_SIGNALS_H
#define NST_SIGNALS_H

/*
 * Blocks SIGINT, SIGTERM, SIGHUP and SIGWINCH for the calling thread, and so for those it
 * will start, and returns a descriptor that is readable while one is pending;
 * -1 with errno on failure.
 */
int nst_signals_open(void);

/* The number of a pending signal, taken off; 0 when there is none. */
int nst_signals_take(int fd);

#endif
