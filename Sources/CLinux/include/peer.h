/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a Unix socket; Swift's Glibc module has neither ucred nor pidfds. */
#ifndef NST_PEER_H
#define NST_PEER_H

#include <sys/types.h>

/* The process that connected (SO_PEERCRED), in our PID namespace; 0: it is not in it; -1 with errno. */
pid_t nst_peer_pid(int socket);

/*
 * A descriptor of the process that connected, whose pid that was: as
 * long as it is not readable, the pid is still that process's. By SO_PEERPIDFD
 * or, before Linux 6.5, by opening the pid. -1 with errno when it has ended.
 */
int nst_peer_pidfd(int socket, pid_t pid);

#endif
