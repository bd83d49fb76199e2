/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tracer gives up once it is attached: its user, its capabilities, and
 * the system calls that following does not need. For one thread: call these
 * before there is another.
 */
#ifndef NST_SANDBOX_H
#define NST_SANDBOX_H

#include <sys/types.h>

/*
 * Becomes another user for good, with the groups of the account `name`; 0 or
 * -errno. Capabilities go with it.
 */
int nst_become(const char *name, uid_t user, gid_t group);

/*
 * Gives up all capabilities but those in `keep` (bit n: capability n) that it has; 0 or -errno.
 */
int nst_keep_capabilities(unsigned long long keep);

/*
 * From now on any system call that following does not need fails with EPERM,
 * for good, and exec gains nothing (no_new_privs). Directories can be opened to be
 * listed, and namespaces by their handles; no file can, but, with `appends`, as a
 * log is opened again. 0 or -errno.
 */
int nst_enter_sandbox(int appends);

#endif
