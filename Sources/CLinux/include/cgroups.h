/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a cgroup hierarchy at its root, whatever cgroup namespace this process is in. */
#ifndef NST_CGROUPS_H
#define NST_CGROUPS_H

/*
 * A descriptor of the hierarchy's root directory, as kthreadd's cgroup
 * namespace shows it, on a mount that is attached nowhere; -errno on failure.
 * `controller` names a v1 hierarchy; NULL means v2. Needs CAP_SYS_ADMIN and the
 * host's /proc. The calling thread enters that cgroup namespace during the call.
 */
int nst_open_cgroups(const char *controller);

/* Whether `fd` is on a cgroup or cgroup2 file system. */
int nst_is_cgroups(int fd);

#endif
