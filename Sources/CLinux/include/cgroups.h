/* SPDX-License-Identifier: Apache-2.0 */
/* A hierarchy of cgroups from its root, wherever this process is. */
#ifndef NST_CGROUPS_H
#define NST_CGROUPS_H

/*
 * A directory, by a descriptor: the hierarchy's root as kthreadd's cgroup
 * namespace has it, on a mount that is attached nowhere; -errno where this
 * process may not have it. `controller`: of a hierarchy of v1; NULL: v2.
 * It takes CAP_SYS_ADMIN, and /proc has to be the host's. The calling thread is
 * in that namespace meanwhile.
 */
int nst_open_cgroups(const char *controller);

/* Whether a directory is in a file system of cgroups. */
int nst_is_cgroups(int fd);

#endif
