/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tracer that has attached gives up its user, its capabilities, and the
 * system calls that following does not need. These calls affect the calling
 * thread: call them before a second one is started.
 */
#ifndef NST_SANDBOX_H
#define NST_SANDBOX_H

#include <sys/types.h>

/*
 * Becomes another user for good, with the groups of the account `name`, and
 * loses all capabilities; 0 or -errno.
 */
int nst_become(const char *name, uid_t user, gid_t group);

/* Drops all capabilities except those in `keep` (bit n: capability n); 0 or -errno. */
int nst_keep_capabilities(unsigned long long keep);

/*
 * From now on every system call that following does not need fails with EPERM,
 * and exec grants nothing (no_new_privs). Directories and namespace handles can
 * still be opened, files cannot; with `appends` a file can be opened for
 * appending, as a log is after SIGHUP. 0 or -errno.
 */
int nst_enter_sandbox(int appends);

#endif
