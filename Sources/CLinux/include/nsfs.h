/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a namespace is there, by a file handle of nsfs, which needs no descriptor to begin with. */
#ifndef NST_NSFS_H
#define NST_NSFS_H

#include "nsevents.h"

/*
 * Whether this process can ask, and is told the truth: handles of nsfs exist
 * (6.18 and later, as does ns_id), and it has CAP_SYS_ADMIN where `initial`,
 * the host's own namespaces, belong.
 */
int nst_can_ask(const struct nst_set *initial);

/*
 * Whether the namespace with this ns_id and inode number, of the kind with this
 * CLONE_NEW* flag, is still there; NST_ANSWER_UNKNOWN where that cannot be told.
 * One system call, and another one to close what it opened.
 */
enum nst_answer nst_ask(__u64 id, __u32 inum, __u32 type);

#endif
