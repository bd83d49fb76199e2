/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tracer that has attached gives up its user, its capabilities, and the
 * system calls that following does not need. These calls affect the calling
 * thread: call them before a second one is started.
 */
#ifndef NST_SANDBOX_H
#define NST_SANDBOX_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Makes /proc/PID root's and the process's memory unreadable for others of the
 * same user: without it they could ptrace it and use its descriptors. 0 or -errno.
 */
int nst_hide_memory(void);

/*
 * Becomes another user for good, with the groups of the account `name`, and
 * loses all capabilities; 0 or -errno.
 */
int nst_become(const char *name, uid_t user, gid_t group);

/* Drops all capabilities except those in `keep` (bit n: capability n); 0 or -errno. */
int nst_keep_capabilities(unsigned long long keep);

/*
 * From now on every system call that following does not need fails with EPERM,
 * and exec grants nothing (no_new_privs). No file can be opened. Directories can,
 * where the kernel has Landlock only those beneath `directories` (descriptors of
 * the cgroup hierarchies' roots), and so can namespace handles. With `keeps` the
 * values of maps can be read and written: a keeper's registrations. 0 or -errno.
 */
int nst_enter_sandbox(const int *directories, size_t count, int keeps);

#endif
