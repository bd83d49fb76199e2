/* SPDX-License-Identifier: Apache-2.0 */
/* The process at the other end of a Unix socket. Swift's Glibc has neither ucred nor pidfds. */
#ifndef NST_PEER_H
#define NST_PEER_H

#include <sys/types.h>

/*
 * Accepts a connection, non-blocking and close-on-exec; -1 with errno. With
 * accept(2) that would take fcntl(2), which the sandbox refuses.
 */
int nst_accept(int socket);

/*
 * The pid of the process that connected (SO_PEERCRED), in our PID namespace; 0
 * if it is not visible there, -1 with errno.
 */
pid_t nst_peer_pid(int socket);

/*
 * The user who connected or, on a client's side, who listened when listen(2) was
 * called; 0, or -1 with errno.
 */
int nst_peer_user(int socket, uid_t *user);

/*
 * A pidfd of the process that connected; `pid` comes from nst_peer_pid. Until
 * it polls readable, `pid` is still that process's. By SO_PEERPIDFD, or before
 * Linux 6.5 by pidfd_open(2). -1 with errno if the process has ended.
 */
int nst_peer_pidfd(int socket, pid_t pid);

/*
 * The same by SO_PEERPIDFD alone: of the very process that connected. *pid is its
 * pid in our PID namespace; 0 if it has ended or is not visible there. -1 with
 * errno: ENOPROTOOPT before Linux 6.5; EINVAL or ESRCH, before 6.16, if the process
 * has ended and has been waited for.
 */
int nst_peer_pinned(int socket, pid_t *pid);

#endif
